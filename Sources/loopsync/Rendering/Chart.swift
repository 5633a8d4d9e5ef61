/// Charts made of characters; pure.
enum Chart {
    /// A bar of a length in proportion to a value, in steps of an eighth of a character.
    ///
    /// - Parameters:
    ///   - largest: the value that fills the width; a value above 0 shows at least its thinnest bar.
    static func bar(_ value: Double, of largest: Double, width: Int) -> String {
        guard value > 0, largest > 0, width > 0, value.isFinite, largest.isFinite else { return "" }
        let eighths = max(1, Int((min(value / largest, 1) * Double(width) * 8).rounded()))
        let rest = eighths % 8 == 0 ? "" : String(partial[eighths % 8 - 1])
        return String(repeating: "█", count: eighths / 8) + rest
    }

    /// Values as one character each, from the lowest to the highest; a space stands for a value that is missing.
    static func sparkline(_ values: [Double?]) -> String {
        let present = values.compactMap(\.self).filter(\.isFinite)
        guard let least = present.min(), let largest = present.max() else { return "" }
        return String(
            values.map { value in
                guard let value, value.isFinite else { return " " }
                guard largest > least else { return heights[3] }
                return heights[Int(((value - least) / (largest - least) * 7).rounded())]
            }
        )
    }

    private static let partial: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    private static let heights: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
}
