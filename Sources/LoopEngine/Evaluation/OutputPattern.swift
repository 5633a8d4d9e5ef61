import _StringProcessing

/// What `output_contains` looks for.
struct OutputPattern: Sendable {
    /// Why a pattern cannot be searched for.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// Whether a text has it somewhere.
    func isFound(in output: String) -> Result<Bool, Failure> {
        .success(output.utf8.contains(text.utf8))
    }
}
