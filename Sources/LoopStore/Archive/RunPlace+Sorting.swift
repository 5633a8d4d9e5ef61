import Glibc
import LoopModel

extension Array<RunPlace> {
    /// Sorts as `sort` does.
    ///
    /// Keys lie one behind the other and numbers are what is moved, so that no comparison counts a reference: with a
    /// hundred thousand places that was nine tenths of the time.
    mutating func sortByPath() {
        let keys = PackedKeys(self)
        var order = Array<UInt32>(0..<UInt32(count))
        keys.withOrder { precedes in order.sort(by: precedes) }
        // Along each cycle of moves, so that the places are in memory once.
        for start in indices {
            var free = start
            while order[free] != start {
                let next = Int(order[free])
                swapAt(free, next)
                order[free] = UInt32(free)
                free = next
            }
            order[free] = UInt32(free)
        }
    }
}

/// The keys of places, by the numbers of the places.
private struct PackedKeys {
    private var bytes: [UInt8] = []
    private var ends: [Int]

    init(_ places: [RunPlace]) {
        let total = places.reduce(0) { $0 + ($1.loopName.map { $0.bytes.count + 1 } ?? 0) + $1.runName.bytes.count }
        bytes.reserveCapacity(total)
        ends = [0]
        ends.reserveCapacity(places.count + 1)
        for place in places {
            place.appendKey(to: &bytes)
            ends.append(bytes.count)
        }
    }

    /// - Parameter body: is given what tells whether one key comes before another.
    func withOrder(_ body: (_ precedes: (UInt32, UInt32) -> Bool) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            ends.withUnsafeBufferPointer { ends in
                guard let base = bytes.baseAddress else { return }
                body { left, right in
                    let (first, second) = (ends[Int(left)], ends[Int(right)])
                    let (length, other) = (ends[Int(left) + 1] - first, ends[Int(right) + 1] - second)
                    let difference = memcmp(base + first, base + second, min(length, other))
                    return difference != 0 ? difference < 0 : length < other
                }
            }
        }
    }
}
