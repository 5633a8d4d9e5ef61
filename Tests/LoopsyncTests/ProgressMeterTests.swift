import Testing

@testable import loopsync

@Suite struct ProgressMeterTests {
    /// What a meter draws when it hears of one more run at each of these milliseconds.
    private func drawn(at times: [Int64], isShown: Bool = true) -> [String] {
        var now: Int64 = 0
        var texts: [String] = []
        let meter = ProgressMeter("mirrored", isShown: isShown, clock: { now }, write: { texts.append($0) })
        for (number, time) in times.enumerated() {
            now = time
            meter.show(number + 1, of: 100, bytes: 3_000_000)
        }
        meter.clear()
        meter.clear()
        return texts
    }

    @Test func `what takes less than a second is not told, and nothing is drawn elsewhere than on a terminal`() {
        #expect(drawn(at: [0, 500, 999]) == [])
        #expect(drawn(at: [0, 5000, 10_000], isShown: false) == [])
    }

    @Test func `a line is drawn in place, five times a second at most, and is gone in the end`() {
        let erasing = "\r\u{1B}[K"
        #expect(
            drawn(at: [500, 1000, 1100, 1199, 1200]) == [
                "\(erasing)mirrored 2 of 100 runs, 2.9M, 49s left",
                "\(erasing)mirrored 5 of 100 runs, 2.9M, 23s left",
                erasing,
            ]
        )
    }

    @Test func `a work that grew, has not begun or is over tells no time`() {
        func text(_ done: Int, _ total: Int) -> String {
            ProgressMeter.text("verified", done, of: total, bytes: nil, milliseconds: 4000)
        }
        #expect(text(0, 10) == "verified 0 of 10 runs")
        #expect(text(10, 10) == "verified 10 of 10 runs")
        #expect(text(12, 10) == "verified 12 of 12 runs")
        #expect(text(1, 7) == "verified 1 of 7 runs, 24s left")
    }
}
