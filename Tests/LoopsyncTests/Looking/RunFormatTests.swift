import Testing

@testable import loopsync

@Suite
struct RunFormatTests {
    @Test(arguments: [
        ("{run", "'{run' in --format is not closed. Type {run}; a brace itself is {{"),
        ("{id} {lo\\n", "'{lo' in --format is not closed. Type {loop}; a brace itself is {{"),
        ("{run}{", "'{' in --format is not closed. There are: {id} "),
        ("{nonsense}", "--format has no field '{nonsense}'. There are: {id} "),
    ])
    func `a form with a mistake says what to type`(form: String, message: String) {
        let failure = #expect(throws: Failure.self) { try RunFormat(form) }
        #expect(failure?.status == .usage)
        #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
    }
}
