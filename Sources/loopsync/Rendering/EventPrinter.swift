import LoopModel
import SyncCore

/// Turns lines of events files into what is printed.
struct EventPrinter {
    let terminal: Terminal
    /// The lines themselves; on a terminal spelled so that it obeys nothing in them.
    let isJSON: Bool
    /// Which events are asked for.
    private(set) var types: EventTypes
    /// Whether each line names its loop.
    let showsLoop: Bool
    /// The day that the last line was of.
    private var day = ""
    /// Lines that were no event.
    private(set) var damagedLines = 0

    init(terminal: Terminal, isJSON: Bool, types: EventTypes, showsLoop: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
        self.types = types
        self.showsLoop = showsLoop
    }

    /// What to print for a line, with its newline; nil for nothing.
    mutating func text(of line: ArraySlice<UInt8>, loop: JSONString) -> [UInt8]? {
        let written = LoopEvent.writtenName(of: line)
        if let written, !types.want(String(decoding: written, as: UTF8.self)) { return nil }
        guard let event = LoopEvent(line: line) else {
            if line.contains(where: { $0 > 0x20 }) { damagedLines += 1 }
            return nil
        }
        guard written != nil || types.want(event.name?.string ?? "") else { return nil }
        if isJSON { return (terminal.width == nil ? Array(line) : event.line()) + [UInt8(ascii: "\n")] }
        return Array((terminal.width == nil ? tabbed(event, loop) : forPeople(event, loop)).utf8)
    }

    private func tabbed(_ event: LoopEvent, _ loop: JSONString) -> String {
        let cells = [
            event.timestamp.map { PrintableText.escaping($0.bytes, limit: 64) } ?? "",
            PrintableText.escaping(loop.bytes), PrintableText.escaping(event.name?.bytes ?? []),
            EventText.details(of: event),
        ]
        return cells.joined(separator: "\t") + "\n"
    }

    private mutating func forPeople(_ event: LoopEvent, _ loop: JSONString) -> String {
        var text = ""
        let time = event.timestamp.flatMap { Timestamp(iso: $0) }
        if let time {
            let today = LocalTime.day(time)
            if today != day {
                day = today
                text += Tone.dim.applied(to: "── \(today) ──", hasColor: terminal.hasColor) + "\n"
            }
        }
        let clock = time.map(LocalTime.clock) ?? "??:??:??.???"
        var depth = min(event.depth?.integerValue ?? 0, 8)
        if depth < 0 { depth = 0 }
        let who = showsLoop ? PrintableText.escaping(loop.bytes).padded(toColumns: 12) + "  " : ""
        let name = PrintableText.escaping(event.name?.bytes ?? [], limit: 40)
        let details = String(repeating: "  ", count: depth) + EventText.details(of: event)
        let head = "\(clock)  \(who)\(name.padded(toColumns: 15))  "
        let room = max((terminal.width ?? 80) - head.columns, 10)
        let cut = details.cut(toColumns: room)
        text += Tone.dim.applied(to: clock, hasColor: terminal.hasColor) + "  \(who)"
        text += Tone.dim.applied(to: name.padded(toColumns: 15), hasColor: terminal.hasColor) + "  "
        return text + EventText.tone(of: event).applied(to: cut, hasColor: terminal.hasColor) + "\n"
    }
}
