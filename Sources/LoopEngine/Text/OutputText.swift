import LoopModel

/// The output of commands as Python's text streams and strings treat it.
public enum OutputText {
    /// A line as its event shows it: without white space of any script at its end.
    public static func line(_ text: String) -> String {
        // Nearly every line ends in something that can be seen.
        guard let last = text.utf8.last else { return "" }
        if last > 0x20, last < 0x7F { return text }
        var scalars = text.unicodeScalars[...]
        while let scalar = scalars.last, PythonText.isSpace(scalar) { scalars.removeLast() }
        return String(scalars)
    }

    /// What the end of an action shows of its output: the last 2000 characters without white space around them.
    ///
    /// - Returns: nil where there was no output at all.
    public static func preview(of output: String) -> String? {
        output.isEmpty ? nil : String(last(2000, of: output).pythonStripped)
    }

    /// The last characters, as Python counts them.
    static func last(_ count: Int, of text: String) -> String.UnicodeScalarView.SubSequence {
        text.unicodeScalars.suffix(count)
    }

    /// The first characters, as Python counts them.
    static func first(_ count: Int, of text: String) -> String {
        String(text.unicodeScalars.prefix(count))
    }
}

extension BidirectionalCollection<Unicode.Scalar> {
    /// Without white space on either side, as `str.strip` does it.
    var pythonStripped: SubSequence {
        stripped(PythonText.isSpace)
    }

    /// Without certain characters on either side.
    func stripped(_ isSpace: (Unicode.Scalar) -> Bool) -> SubSequence {
        var rest = self[...]
        while let scalar = rest.last, isSpace(scalar) { rest = rest.dropLast() }
        return rest.drop(while: isSpace)
    }
}

extension String {
    /// Without white space on either side, as `str.strip` does it.
    var pythonStripped: String {
        String(unicodeScalars.pythonStripped)
    }
}
