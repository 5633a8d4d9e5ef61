import Glibc
import LoopModel
import LoopStore
import SyncAgent

/// `status --follow`: draws the screen anew where it has changed, until a person or a signal ends it.
struct StatusFollower {
    private let readers: [StatusReader]
    private let terminal: Terminal
    private let isJSON: Bool

    /// How often is looked, in milliseconds; ages are told in seconds.
    private static let interval: Int32 = 1000

    init(_ readers: [StatusReader], _ terminal: Terminal, isJSON: Bool) {
        self.readers = readers
        self.terminal = terminal
        self.isJSON = isJSON
    }

    func run() throws {
        guard !isJSON, terminal.width != nil, Environment.value("TERM") != "dumb" else { return try append() }
        let screen = LiveScreen()
        defer { screen.leave() }
        var last = ""
        while true {
            let size = LiveScreen.size()
            let fitting = Terminal(width: size.columns, hasColor: terminal.hasColor)
            last = try readers.overview(now: WallClock.now()).text(for: fitting, isCut: true, rows: size.rows)
            try screen.draw(last, rows: size.rows)
            guard screen.rest(milliseconds: Self.interval) else { break }
        }
        // What was seen last stays on the terminal.
        screen.leave()
        try Output.data(last)
    }

    /// In a pipe: what has changed, one after the other.
    private func append() throws {
        var last = ""
        while true {
            let report = try readers.overview(now: WallClock.now())
            // Ages change all the time; what else has is told.
            let text = report.text(for: Terminal(width: nil, hasColor: false))
            let essence = report.json.serialized()
            let shown = String(decoding: essence, as: UTF8.self)
            if shown != last {
                try Output.data(isJSON ? shown + "\n" : (last.isEmpty ? "" : "\n") + text)
                last = shown
            }
            guard Output.rest(milliseconds: Self.interval) else { return }
        }
    }
}
