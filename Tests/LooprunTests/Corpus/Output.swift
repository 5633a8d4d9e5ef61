extension Corpus {
    /// What becomes of the bytes that a command writes.
    static let output: [LoopCase] = [
        LoopCase(
            "line ends, control characters and wide text",
            chain: [
                #"action: "printf 'h\\303\\251llo \\360\\237\\230\\200 \\177 \\001 \\\\ \\\" / <>&\\342\\200\\250\\r\\n"#
                    + #"x\\ry  \\t \\n\\n\\302\\240z\\302\\240'", capture: x"#
            ]
        ),
        LoopCase(
            "nothing, blanks, and one line without an end",
            chain: [
                "action: 'true', capture: a", #"action: "printf ' \\n\\t\\n'", capture: b"#,
                "action: 'printf x', capture: c",
                #"action: "printf '\\n'", capture: d"#, #"action: "printf 'a\\n\\nb\\n'", capture: e"#,
            ]
        ),
        LoopCase(
            "line ends of every kind at the edge of a read",
            chain: [
                #"action: "printf 'a\\r'; sleep 0.05; printf '\\nb\\r'; sleep 0.05; printf 'c\\r\\n\\r\\r\\n'", capture: a"#,
                #"action: "printf 'last\\r'", capture: b"#,
            ]
        ),
        LoopCase(
            "characters that come in two reads",
            chain: [
                #"action: "printf '\\303'; sleep 0.05; printf '\\251\\n\\360\\237'; sleep 0.05; printf '\\230\\200\\n'""#
            ]
        ),
        LoopCase(
            "blanks of Unicode at the ends of lines",
            chain: [
                #"action: "printf 'a\\302\\205\\n\\342\\200\\203b\\342\\200\\203\\nc\\034\\035\\036\\037\\nd\\v\\f\\ne\\343\\200\\200\\n"#
                    + #"f\\342\\200\\213\\ng\\341\\232\\200\\n'", capture: a"#
            ]
        ),
        LoopCase(
            "a preview of the last two thousand characters",
            chain: ["action: 'for i in {1..700}; do echo \"é $i\"; done'"]
        ),
        LoopCase(
            "a preview of wide characters",
            chain: [
                #"action: "for i in {1..1500}; do printf '\\360\\237\\230\\200'; done; echo; printf ' %.0s' {1..700}; echo end""#
            ]
        ),
        LoopCase(
            "a long line",
            chain: ["action: 'head -c 300000 /dev/zero | tr \"\\\\0\" x; echo'", "action: 'echo ${prev.exit_code}'"]
        ),
        LoopCase("many lines", chain: ["action: 'seq 3000', capture: n"]),
        LoopCase("much on standard error", chain: ["action: 'seq 40000 >&2; echo done', capture: n"]),
        LoopCase(
            "special characters in JSON",
            chain: [
                #"action: "printf '\\b\\f\\t\\036\\342\\200\\251\\357\\277\\277\\357\\273\\277\\357\\277\\276x\\n'", capture: n"#
            ]
        ),
        LoopCase("a zero byte", chain: [#"action: "printf 'a\\000b\\n'", capture: n"#]),
        LoopCase(
            "output after the command has ended",
            chain: ["action: '(sleep 0.2; echo late) & echo early'"]
        ),
    ]
}
