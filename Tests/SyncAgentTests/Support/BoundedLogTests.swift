import Glibc
import TestSupport
import Testing

@testable import SyncAgent

@Suite
struct BoundedLogTests {
    private let place: TemporaryDirectory
    private let descriptor: Int32

    init() throws {
        place = try TemporaryDirectory()
        descriptor = open(place.path("agent.log"), O_WRONLY | O_APPEND | O_CREAT, 0o600)
    }

    private func say(_ text: String) {
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    @Test func `a full log begins anew, and the one before is kept`() {
        defer { close(descriptor) }
        let log = BoundedLog(path: place.path("agent.log"), limit: 10, descriptors: [descriptor])
        log.makeRoom()
        say("first line\n")
        log.makeRoom()
        say("second line\n")
        log.makeRoom()
        say("third")
        log.makeRoom()
        #expect(Disk.text(place.path("agent.log")) == "third")
        #expect(Disk.text(place.path("agent.log.1")) == "second line\n")
        #expect(Disk.names(in: place.path).sorted() == ["agent.log", "agent.log.1"])
    }

    @Test func `a log that was removed is made again`() throws {
        defer { close(descriptor) }
        let log = BoundedLog(path: place.path("agent.log"), limit: 1000, descriptors: [descriptor])
        say("gone")
        try Disk.remove(place.path("agent.log"))
        log.makeRoom()
        say("here")
        #expect(Disk.text(place.path("agent.log")) == "here")
        #expect(!Disk.exists(place.path("agent.log.1")))
    }
}
