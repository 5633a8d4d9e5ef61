import Glibc
import SyncAgent
import TestSupport
import Testing

@Suite
struct ServiceNotifierTests {
    @Test(arguments: [false, true])
    func `readiness, status, ping, reload and end reach the manager's socket`(isAbstract: Bool) throws {
        let directory = try TemporaryDirectory()
        let name =
            isAbstract ? "@loopsync-test-\(getpid())-\(UInt32.random(in: 0 ... .max))" : "\(directory.path)/notify"
        let manager = try FakeManager(name)
        let notifier = ServiceNotifier(environment: { $0 == "NOTIFY_SOCKET" ? name : nil }, process: 1)

        notifier.ready("watching 2 directories")
        notifier.status("two\nlines")
        notifier.ping()
        notifier.reloading()
        notifier.stopping()

        #expect(manager.receive() == "READY=1\nSTATUS=watching 2 directories")
        #expect(manager.receive() == "STATUS=two lines")
        #expect(manager.receive() == "WATCHDOG=1")
        let reloading = try #require(manager.receive()).split(separator: "=")
        #expect(reloading.dropLast() == ["RELOADING", "1\nMONOTONIC_USEC"])
        #expect(try #require(reloading.last.flatMap { Int($0) }) > 0)
        #expect(manager.receive() == "STOPPING=1\nSTATUS=ending")
    }

    @Test func `nothing is sent and nothing breaks without a manager or with one that went away`() {
        ServiceNotifier(environment: { _ in nil }, process: 1).ready("alone")
        ServiceNotifier(environment: { _ in "/nonexistent/notify" }, process: 1).ready("orphaned")
        ServiceNotifier(environment: { _ in "/" + String(repeating: "x", count: 200) }, process: 1).ready("too long")
        #expect(!ServiceNotifier(environment: { _ in nil }, process: 1).isActive)
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "7"], 60_000_000),
            (["WATCHDOG_USEC": "120000000"], 60_000_000),
            (["WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "8"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
            ([:], nil),
        ] as [([String: String], Int64?)]
    )
    func `the ping comes twice as often as asked, and only from the process that is asked`(
        variables: [String: String],
        interval: Int64?
    ) {
        #expect(ServiceNotifier(environment: { variables[$0] }, process: 7).pingInterval == interval)
    }
}
