/// Makes alike what no two runs have alike: times, durations, process numbers, and where the test stands.
///
/// Everything else stays byte for byte: the form of a time too, since only its digits are replaced.
struct Alike {
    private let places: [[UInt8]]
    private let patterns: [Regex<AnyRegexOutput>]

    /// For what was written in and below a directory.
    ///
    /// - Parameter patterns: regular expressions of further parts of lines.
    init(directory: String, patterns: [String]) {
        // Claude's name for a directory is its path with other separators.
        let dashed = String(directory.map { $0 == "/" ? "-" : $0 })
        places = [Array(directory.utf8), Array(dashed.utf8)]
        self.patterns = patterns.compactMap { try? Regex($0) }
    }

    /// The lines of a file.
    func lines(_ bytes: [UInt8]) -> [String] {
        var bytes = bytes
        for place in places { bytes = Self.replace(place, in: bytes) }
        return Self.mask(bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            var text = String(decoding: line, as: UTF8.self)
            for pattern in patterns { text.replace(pattern, with: "…") }
            return text
        }
    }

    private static func replace(_ place: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == place[0], bytes[index...].starts(with: place) {
                out += Array("HERE".utf8)
                index += place.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }

    private static let times = ["ts", "started_at", "updated_at"].map { Array("\"\($0)\": \"".utf8) }
    private static let numbers = ["duration_ms", "accumulated_ms", "llm_latency_ms", "pid"].map {
        Array("\"\($0)\": ".utf8)
    }
    private static let wholeSecond = Array("9999-99-99T99:99:99+99:99".utf8)
    private static let timedOut = Array("\"exit_code\": 124,".utf8)

    private static func mask(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\"") else {
                out.append(bytes[index])
                index += 1
                continue
            }
            let rest = bytes[index...]
            if let key = times.first(where: { rest.starts(with: $0) }) {
                out += key
                index += key.count
                let time = bytes[index...].prefix { $0 != UInt8(ascii: "\"") }
                let form = time.map { isDigit($0) ? UInt8(ascii: "9") : $0 }
                // Python leaves the fraction out of one time in a million.
                out += form == wholeSecond ? Array("9999-99-99T99:99:99.999999+99:99".utf8) : form
                index += time.count
            } else if let key = numbers.first(where: { rest.starts(with: $0) }) {
                index += key.count
                let digits = bytes[index...].prefix(while: isDigit)
                // A duration that is the time-out and no measurement stays.
                let isLimit = out.suffix(40).firstRange(of: timedOut) != nil && digits.suffix(3) == [48, 48, 48]
                out += key
                out += isLimit || digits.isEmpty ? Array(digits) : [UInt8(ascii: "N")]
                index += digits.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return out
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
