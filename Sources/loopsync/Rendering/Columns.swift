/// How much room text takes on a terminal.
extension StringProtocol {
    /// The columns that it takes: two for East Asian wide characters and emoji, none for marks that join the one before.
    var columns: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return unicodeScalars.reduce(0) { $0 + $1.columns }
    }

    /// The text itself where it fits, else as much as does with `…` at the end.
    func cut(toColumns room: Int) -> String {
        guard columns > room else { return String(self) }
        var left = room - 1
        var kept = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            left -= scalar.columns
            guard left >= 0 else { break }
            kept.append(scalar)
        }
        return String(kept) + "…"
    }

    /// The text in lines that fit, parted at spaces; a word that is wider than a line is parted as well.
    func wrapped(toColumns room: Int) -> [String] {
        guard room > 0, columns > room else { return [String(self)] }
        var lines: [String] = []
        var line = ""
        var used = 0
        var isBegun = false
        func endLine() {
            lines.append(line)
            (line, used) = ("", 0)
        }
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            if isBegun, used + 1 + word.columns > room {
                endLine()
            } else if isBegun {
                line += " "
                used += 1
            }
            isBegun = true
            for scalar in word.unicodeScalars {
                if used + scalar.columns > room, used > 0 { endLine() }
                line.unicodeScalars.append(scalar)
                used += scalar.columns
            }
        }
        return lines + [line]
    }

    /// The text with spaces up to so many columns.
    func padded(toColumns width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - columns))
    }
}

extension Unicode.Scalar {
    /// How many columns terminals give it; by the ranges of East Asian Width W and F, as far as they are in common use.
    fileprivate var columns: Int {
        guard value >= 0x300 else { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x26A1, 0x2705, 0x274C,
            0x2753...0x2757,
            0x2795...0x2797, 0x2B50, 0x2B55, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F7E0...0x1F7EB, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
