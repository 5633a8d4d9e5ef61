package import LoopModel

/// What is remembered of a run that was removed from the history, or brought back.
package struct PruneRecord: Sendable, Hashable {
    package var change: Change
    package var time: Timestamp
    package var loop: JSONString
    package var runID: RunID
    package var place: RunPlace
    /// nil where nothing in the run told it.
    package var identity: RunIdentity?
    /// The digest of its `SHA256SUMS`.
    package var sums: [UInt8]?
    /// Bytes that it takes on the disk.
    package var size: Int64
    package var status: RunStatus?
    package var endedAt: Timestamp?
    /// Why it went, one phrase each.
    package var reasons: [String]
    /// Its name in the trash; nil for a run that was brought back, and in the notes of earlier versions.
    package var entry: FileName?

    /// What happened to the run.
    package enum Change: String, Sendable, Hashable {
        case pruned, restored
    }

    /// Describes a change.
    package init(_ change: Change, _ run: ArchivedRun, time: Timestamp, reasons: [String]) {
        self.change = change
        self.time = time
        loop = run.loop
        runID = run.runID
        place = run.place
        identity = run.identity
        sums = run.sums
        size = run.size
        status = run.status
        endedAt = run.endedAt
        self.reasons = reasons
    }

    /// Describes a run of which only its place in the trash tells anything.
    init(place: RunPlace, loop: JSONString, runID: RunID, time: Timestamp, size: Int64) {
        change = .pruned
        self.time = time
        self.loop = loop
        self.runID = runID
        self.place = place
        self.size = size
        reasons = []
    }
}

extension PruneRecord {
    /// Reads what `json` wrote; nil for anything else.
    package init?(json: JSONValue) {
        guard let object = json.objectValue, let change = object["change"]?.stringValue,
            let change = Change(rawValue: change.string),
            let time = object["time"]?.stringValue.flatMap(Timestamp.init(iso:)),
            let loop = object["loop"]?.stringValue, let runID = object["run_id"]?.stringValue,
            let place = object["place"]?.arrayValue.flatMap(RunPlace.init(json:))
        else { return nil }
        self.change = change
        self.time = time
        self.loop = loop
        self.runID = RunID(runID)
        self.place = place
        identity = object["identity"].flatMap(RunIdentity.init(json:))
        sums = object["sums"]?.stringValue.flatMap { Checksum(hexadecimal: $0.bytes)?.bytes }
        size = Int64(object["size"]?.integerValue ?? 0)
        status = object["status"]?.stringValue.map { RunStatus(rawValue: $0) }
        endedAt = object["ended_at"]?.stringValue.flatMap(Timestamp.init(iso:))
        reasons = (object["reasons"]?.arrayValue ?? []).compactMap { $0.stringValue?.string }
        entry = object["entry"]?.stringValue?.fileSystemBytes.flatMap { FileName($0) }
    }

    /// The record as one JSON object; bytes that are no UTF-8 become lone surrogates, as Python writes file names.
    package var json: JSONValue {
        var object: JSONObject = [
            "change": .string(JSONString(change.rawValue)),
            "time": .string(time.iso),
            "loop": .string(loop),
            "run_id": .string(runID.text),
            "place": .array(place.components.map { .string(JSONString(fileSystemBytes: $0.bytes)) }),
        ]
        if let identity { object["identity"] = identity.json }
        if let sums { object["sums"] = .string(JSONString(fileSystemBytes: Checksum(bytes: sums).hexadecimal)) }
        object["size"] = .number(JSONNumber(size))
        if let status { object["status"] = .string(status.rawValue) }
        if let endedAt { object["ended_at"] = .string(endedAt.iso) }
        object["reasons"] = .array(reasons.map { .string(JSONString($0)) })
        if let entry { object["entry"] = .string(JSONString(fileSystemBytes: entry.bytes)) }
        return .object(object)
    }

    /// The record as one line.
    var line: [UInt8] { json.serialized() + [UInt8(ascii: "\n")] }
}

extension RunPlace {
    fileprivate init?(json: [JSONValue]) {
        let names = json.compactMap { $0.stringValue?.fileSystemBytes.flatMap { FileName($0) } }
        guard names.count == json.count else { return nil }
        switch names.count {
        case 1: self.init(flat: names[0])
        case 2: self.init(loop: names[0], run: names[1])
        default: return nil
        }
    }
}

extension RunIdentity {
    fileprivate init?(json: JSONValue) {
        guard let object = json.objectValue else { return nil }
        if let line = object["loop_start"]?.stringValue?.fileSystemBytes {
            self = .loopStart(line)
        } else if let loop = object["loop"]?.stringValue, let startedAt = object["started_at"]?.stringValue {
            self = .state(loop: loop, startedAt: startedAt)
        } else {
            return nil
        }
    }

    fileprivate var json: JSONValue {
        switch self {
        case .loopStart(let line): ["loop_start": .string(JSONString(fileSystemBytes: line))]
        case .state(let loop, let startedAt): ["loop": .string(loop), "started_at": .string(startedAt)]
        }
    }
}
