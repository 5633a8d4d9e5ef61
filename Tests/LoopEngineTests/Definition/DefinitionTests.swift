import LoopEngine
import Testing

@Suite struct DefinitionTests {
    private func load(_ text: String) throws -> LoopDefinition {
        try LoopDefinition.parse(Array(text.utf8), file: "loop.yaml").loop
    }

    /// What a person is told.
    private func complaint(_ text: String) -> String {
        do throws(LoopDefinitionError) {
            return try LoopDefinition.parse(Array(text.utf8), file: "l.yaml").warnings.map(\.description)
                .joined(separator: "\n")
        } catch {
            return error.description
        }
    }

    @Test func `a small loop has the defaults for all that it does not say`() throws {
        let loop = try load(
            """
            name: small
            initial: a
            states:
              a:
                action: exit 0
                on_yes: done
              done:
                terminal: true
            """
        )
        #expect(loop.name == "small")
        #expect(loop["a"]?.action == "exit 0")
        #expect(loop["a"]?.onYes == "done")
        #expect(loop["done"]?.isTerminal == true)
        #expect(loop["b"] == nil)
        #expect(loop.maxIterations == 50)
        #expect(loop.onHandoff == .pause)
        #expect(loop.timeout == nil)
    }

    @Test func `every error comes at once, with its place, its key and the nearest known word`() {
        let text = """
            name: broken
            initial: strat
            max_iterations: 0
            on_handoff: pasue
            states:
              start:
                action: make
                evaluate:
                  type: output_numeric
                  operator: gte
                on_yes: dnoe
              done: {}
            """
        #expect(
            complaint(text) == """
                l.yaml:2:10: error: initial: there is no state "strat"; did you mean start?
                    initial: strat
                             ^
                l.yaml:3:17: error: max_iterations: must be more than 0
                    max_iterations: 0
                                    ^
                l.yaml:4:13: error: on_handoff: expected one of pause, spawn, terminate, not "pasue"
                    on_handoff: pasue
                                ^
                l.yaml:5:1: error: states: no state ends the loop; one must have terminal: true
                    states:
                    ^
                l.yaml:6:3: warning: states.start: cannot be reached from the initial state
                      start:
                      ^
                l.yaml:9:7: error: states.start.evaluate.target: output_numeric needs target
                          type: output_numeric
                          ^
                l.yaml:10:17: error: states.start.evaluate.operator: "gte" is none of eq, ne, lt, le, gt, ge
                          operator: gte
                                    ^
                l.yaml:11:13: error: states.start.on_yes: there is no state "dnoe"; did you mean done?
                        on_yes: dnoe
                                ^
                l.yaml:12:3: error: states.done: leads nowhere; add on_yes or on_no, route or next, or terminal: true
                      done: {}
                      ^
                l.yaml:12:3: warning: states.done: cannot be reached from the initial state
                      done: {}
                      ^
                """
        )
    }

    @Test func `unquoted yes and no are verdicts in a route, and true is a command`() throws {
        let loop = try load(
            """
            name: words
            initial: a
            states:
              a:
                action: true
                route: {yes: done, no: a, _error: a, _: done}
              done: {terminal: yes}
            """
        )
        #expect(loop["a"]?.action == "true")
        #expect(loop["a"]?.route?["yes"] == "done")
        #expect(loop["a"]?.route?["no"] == "a")
        #expect(loop["a"]?.route?.error == "a")
        #expect(loop["a"]?.route?.otherwise == "done")
    }
}
