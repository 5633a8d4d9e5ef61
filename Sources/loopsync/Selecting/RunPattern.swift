import Glibc
import LoopModel
import LoopStore

/// A POSIX extended regular expression that is looked for in what runs did and said.
final class RunPattern {
    private var compiled = regex_t()

    /// - Throws: a `Failure` with what is wrong with the expression.
    init(_ text: String, isCaseSensitive: Bool) throws {
        let flags = REG_EXTENDED | REG_NOSUB | (isCaseSensitive ? 0 : REG_ICASE)
        let code = regcomp(&compiled, text, flags)
        guard code == 0 else {
            let reason = String(unsafeUninitializedCapacity: 256) { buffer in
                buffer.withMemoryRebound(to: CChar.self) { max(1, regerror(code, &compiled, $0.baseAddress, 256)) - 1 }
            }
            throw Failure(.usage, "--grep '\(text)' is no regular expression: \(reason)")
        }
    }

    deinit {
        regfree(&compiled)
    }

    /// Whether any text of the run's events or captures has a match.
    func matches(_ run: ArchivedRun, in history: any Directory) throws(PosixError) -> Bool {
        if let captured = try HistoryScan.state(of: run.place, in: history)?.captured, matches(captured) { return true }
        guard let directory = try HistoryScan.directory(of: run.place, in: history),
            try directory.status(of: .events)?.kind == .file,
            let file = try directory.openFile(.events, for: .reading)
        else { return false }
        let events = try FollowedFile(file)
        var isFound = false
        try events.read(isLast: true) { line in
            if !isFound, let event = LoopEvent(line: line) { isFound = matches(.object(event.json)) }
        }
        return isFound
    }

    /// Whether a string anywhere in a value has a match; names of members do not count.
    func matches(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): matches(text.bytes)
        case .array(let elements): elements.contains { matches($0) }
        case .object(let object): object.members.contains { matches($0.value) }
        case .null, .bool, .number: false
        }
    }

    private func matches(_ bytes: [UInt8]) -> Bool {
        // A NUL would end the text early otherwise.
        var range = [regmatch_t(rm_so: 0, rm_eo: regoff_t(clamping: bytes.count))]
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else {
                return regexec(&compiled, "", 0, nil, 0) == 0
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                regexec(&compiled, $0, 1, &range, REG_STARTEND) == 0
            }
        }
    }
}
