/// Numbers in text as Python's `float()` takes them.
enum PythonFloat {
    /// A number, possibly with white space around it.
    ///
    /// Single underscores may stand between digits, `inf`, `infinity` and `nan` in any case, the digits of any script;
    /// a hexadecimal number is none.
    static func parse(_ text: String) -> Double? {
        var ascii: [UInt8] = []
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        // The four separators before the space are white space in a text that has other than ASCII in it.
        let stripped =
            isASCII
            ? text.unicodeScalars.stripped { $0 == " " || 0x09...0x0D ~= $0.value } : text.unicodeScalars.pythonStripped
        for scalar in stripped {
            if scalar.isASCII {
                ascii.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if scalar.properties.generalCategory == .decimalNumber,
                let value = scalar.properties.numericValue
            {
                ascii.append(UInt8(ascii: "0") + UInt8(value))
            } else {
                return nil
            }
        }
        return parse(ascii)
    }

    private static func parse(_ text: [UInt8]) -> Double? {
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        switch String(decoding: rest, as: UTF8.self).lowercased() {
        case "inf", "infinity": return isNegative ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        var digits = isNegative ? [UInt8(ascii: "-")] : []
        let whole = takeDigits(&rest, into: &digits)
        var fraction = 0
        if whole == 0 { digits.append(UInt8(ascii: "0")) }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            digits.append(UInt8(ascii: "."))
            fraction = takeDigits(&rest, into: &digits)
            if fraction == 0 { digits.append(UInt8(ascii: "0")) }
        }
        guard whole + fraction > 0 else { return nil }
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            digits.append(mark)
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                rest = rest.dropFirst()
                digits.append(sign)
            }
            guard takeDigits(&rest, into: &digits) > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    /// Moves digits over, without the underscores between them.
    ///
    /// - Returns: how many.
    private static func takeDigits(_ rest: inout ArraySlice<UInt8>, into digits: inout [UInt8]) -> Int {
        func isDigit(_ byte: UInt8?) -> Bool {
            byte.map { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ?? false
        }
        var count = 0
        while let byte = rest.first {
            if isDigit(byte) {
                digits.append(byte)
                count += 1
            } else if byte != UInt8(ascii: "_") || count == 0 || !isDigit(rest.dropFirst().first) {
                break
            }
            rest = rest.dropFirst()
        }
        return count
    }
}
