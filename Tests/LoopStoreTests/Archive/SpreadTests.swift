import LoopStore
import Testing

/// Going through independent work, whoever does which part.
@Suite struct SpreadTests {
    @Test func `answers come in the order of the items, whatever the order of the work`() {
        let backwards: Spreading = { count, work in (0..<count).reversed().forEach(work) }
        for spreading in [backwards, Spread.inOrder] {
            #expect(Spread.map(["a", "b", "c"], by: spreading) { "\($0)\($1)" } == ["0a", "1b", "2c"])
        }
        #expect(Spread.map([Int](), by: backwards) { $0 + $1 }.isEmpty)
    }
}
