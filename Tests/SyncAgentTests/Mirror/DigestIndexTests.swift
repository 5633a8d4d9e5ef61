import LoopModel
import Testing

@testable import SyncAgent

/// The packed digests are what a dictionary of them would be.
@Suite struct DigestIndexTests {
    private func place(_ number: Int) throws -> RunPlace {
        let run = try #require(FileName("2026-11-18T\(100_000 + number)"))
        guard number.isMultiple(of: 3) else {
            return RunPlace(loop: try #require(FileName("loop-\(number % 7)")), run: run)
        }
        return RunPlace(flat: try #require(FileName(run.bytes + Array("-loop".utf8))))
    }

    private func digest(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) } + [UInt8](repeating: 7, count: 24)
    }

    @Test(arguments: [1, 2, 3])
    func `in whatever order digests come and go, the last one counts`(seed: UInt64) throws {
        var (packed, plain): (DigestIndex, [RunPlace: [UInt8]]) = (DigestIndex(), [:])
        let places = try (0..<10_000).map(place).sorted()
        // A comparison that finds most of them, in order.
        for (number, place) in places.enumerated() where !number.isMultiple(of: 8) {
            packed[place] = digest(number)
            plain[place] = digest(number)
        }
        var state = seed
        for step in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let place = places[Int(state >> 33) % places.count]
            let new = step.isMultiple(of: 3) ? nil : digest(step)
            packed[place] = new
            plain[place] = new
            #expect(packed[place] == new)
        }
        #expect(places.allSatisfy { packed[$0] == plain[$0] })
        // The next comparison.
        packed.reserveCapacity(places.count)
        for (number, place) in places.enumerated() { packed[place] = digest(number) }
        #expect(places.enumerated().allSatisfy { packed[$0.element] == digest($0.offset) })
    }

    @Test func `what has not the length of a digest is none`() throws {
        var index = DigestIndex()
        let place = try place(1)
        index[place] = [1, 2, 3]
        #expect(index[place] == nil)
        index[place] = digest(1)
        index[place] = []
        #expect(index[place] == nil)
    }
}
