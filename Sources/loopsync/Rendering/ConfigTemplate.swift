import LoopModel
import LoopStore
import SyncAgent
import SyncCore

/// A configuration file for a directory as it was found; pure.
///
/// Every active line but the places is the built-in default, so that a file just written changes nothing.
struct ConfigTemplate {
    /// Whether the file is the user's own, in which `watch` and `hooks` count.
    let isUsers: Bool
    /// The loops directory to watch, absolute; nil where there is none yet.
    let loops: String?
    /// The sync directory that a person named, absolute.
    let sync: String?
    /// A directory that a sync client seems to keep.
    let syncGuess: String?
    let runs: [ArchivedRun]

    var text: String {
        """
        # loopsync.yaml: what loopsync archives, mirrors and prunes\(isUsers ? "" : " in this project"). Written for \(Version.text).
        # It prunes nothing: every active line\(sync == nil && !isUsers ? "" : " but the places") is the built-in default.
        # A line that begins with "#: " is an example; remove "#: " to use it.
        #   durations  500ms 2s 15m 1h 7d 2w 1y, or never        sizes  500M 20G        counts  0, 1, 2 ..., or all
        # Check it with: loopsync config check      See what holds, and why: loopsync config show
        # See a plan before it happens: loopsync prune --dry-run
        # A running agent takes a change at once: to see the plan of a policy first, write it into a copy, and use --config COPY.
        version: 1
        \(watch)
        archive:
          layout: auto             # \(layouts)auto, nested (.history/LOOP/RUN) or flat (.history/RUN-LOOP)
          abandoned_after: 24h     # no end written and owner unknown: archive as it is after this time
          clear_after: never       # e.g. 15m: take finished runs that are whole in the history out of .running
        #:   run_files: ["report/*.md"]   # further files of a run's own directory to archive with it

        mirror:
        \(mirror)
          live: true               # false: archived runs only
        #:   exclude: ["private-*"]       # runs hold prompts and command output: mind who can read the sync directory
          deletions: keep          # keep: what is pruned here stays there; follow: pruned there as well

        # Which archived runs to keep. Without a keep_* or max_* key nothing is ever removed.
        # \(found)
        retention:
          min_age: 1h
          keep_min: 3
          require_mirrored: true   # with a mirror: a run that is not yet verified there is kept
          trash_for: 7d            # removed runs come back with loopsync restore for this long
        #:   keep_last: 50            # a good start: these four lines
        #:   keep_within: 14d
        #:   keep_weekly: 12
        #:   keep_monthly: all
        #:   max_total_size: \(limit)
        #:   statuses:
        #:     failed: {keep_last: 100, keep_within: 60d}
        \(loopRules)\(hooks)

        """
    }

    private var watch: String {
        guard isUsers else { return "" }
        guard let loops else { return "\n#: watch:\n#:   - ~/src/app/.loops\n" }
        return "\n# The directories that the agent watches, as the user unit starts it.\nwatch:\n  - \(quoted(loops))\n"
    }

    private var mirror: String {
        if let sync { return "  to: \(quoted(sync))" }
        return "#:   to: \(syncGuess.map(quoted) ?? "~/Sync/loops")            # a disk, or a folder of a sync client"
    }

    private var hooks: String {
        guard isUsers else {
            return
                "\n# watch: and hooks: count only in your own file, ~/.config/loopsync/config.yaml, or with --config."
        }
        return """

            # Commands to run after the fact, with the facts as JSON on standard input and in the environment.
            hooks:
              timeout: 30s
            #:   on_failed: [~/.local/share/loopsync/hooks/notify]
            #:   on_mirror_suspended: [~/.local/share/loopsync/hooks/notify]
            """
    }

    // MARK: What was found

    private var size: Int64 { runs.reduce(into: Int64(0)) { $0 += $1.size } }

    private var found: String {
        guard !runs.isEmpty else { return "There is no archived run yet." }
        let oldest = runs.compactMap(\.endedAt).min().map { ", the oldest of \($0.iso.string.prefix(10))" } ?? ""
        let count = Set(runs.map(\.loop)).count
        return
            "Found: \(Amount.count(runs.count, "run")) of \(Amount.count(count, "loop")), \(SizeText.rounded(size))\(oldest)."
    }

    private var layouts: String {
        let layouts = Set(runs.map(\.place.layout.rawValue)).sorted()
        return layouts.isEmpty ? "" : "found: \(layouts.joined(separator: " and ")); "
    }

    /// Ten times what is there, in whole gigabytes.
    private var limit: String { "\(max(1, size * 10 >> 30))G" }

    /// The loops with the most runs, as examples; only names that need no quoting of any kind.
    private var loopRules: String {
        var counts: [String: Int] = [:]
        for run in runs { counts[run.loop.string, default: 0] += 1 }
        let plain = counts.filter { name, _ in
            name.utf8.count <= 60 && name.utf8.allSatisfy { $0 < 0x80 && (Self.isPlain($0)) }
        }
        let largest = plain.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(2)
        guard !largest.isEmpty else { return "" }
        let rules = largest.map { name, count in
            """
            #:     - match: "\(name)"   # \(Amount.count(count, "run")) now
            #:       keep_last: \(max(10, count / 2))

            """
        }
        return "#:   loops:                   # the first match replaces the rules above for its loops\n"
            + rules.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// A path as a text in double quotes, which hold anything that may be in one.
    private func quoted(_ path: String) -> String {
        "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
