import LoopModel
import LoopStore
import TestSupport
import Testing

@Suite("loopsync's own directory")
struct LoopsDirectoryTests {
    @Test func `gets its .gitignore also where the first one who made it could not write it`() throws {
        let place = try TemporaryDirectory()
        let faults = Faults { $0.call == "write" ? .fail(.noSpace) : .proceed }
        let full = LoopsDirectory(root: FaultyDirectory(try place.open(), faults))
        #expect(throws: PosixError.self) { try full.own() }
        _ = try LoopsDirectory(root: place.open()).own()
        #expect(Disk.text(place.path(".loopsync/.gitignore")) == "*\n")
    }

    @Test func `keeps what a person wrote into its .gitignore`() throws {
        let place = try TemporaryDirectory()
        let loops = LoopsDirectory(root: try place.open())
        _ = try loops.own()
        try Disk.write("*\n!trash\n", to: place.path(".loopsync/.gitignore"))
        _ = try loops.own()
        #expect(Disk.text(place.path(".loopsync/.gitignore")) == "*\n!trash\n")
    }
}
