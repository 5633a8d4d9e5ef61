import LoopModel
import Testing

@Suite struct `The search for line ends` {
    @Test(arguments: [0, 1, 4095, 4096, 4097, 9000])
    func `finds the first and the last, wherever they are`(_ count: Int) {
        let plain = [UInt8](repeating: 0x61, count: count)
        #expect(Newline.first(in: plain[...]) == nil)
        #expect(Newline.last(in: plain[...]) == nil)
        for place in [0, count / 2, count - 1] where plain.indices.contains(place) {
            var bytes = plain
            bytes[place] = 0x0a
            #expect(Newline.first(in: bytes[...]) == place)
            #expect(Newline.last(in: bytes[...]) == place)
            #expect(Newline.last(in: bytes[..<place]) == nil)
            #expect(Newline.first(in: bytes[(place + 1)...]) == nil)
            bytes[count - 1] = 0x0a
            #expect(Newline.first(in: bytes[place...]) == place)
            #expect(Newline.last(in: bytes[place...]) == count - 1)
        }
    }
}
