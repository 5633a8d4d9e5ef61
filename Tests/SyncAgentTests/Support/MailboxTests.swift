import Testing

@testable import SyncAgent

struct MailboxTests {
    @Test func `keeps equal messages once and all others in order, however many wait`() {
        let mailbox = Mailbox<Int>()
        for message in [7, 7] + Array(0..<40) + Array(0..<40) { mailbox.post(message) }
        #expect(mailbox.take(until: 0) == [7] + (0..<40).filter { $0 != 7 })
        mailbox.post(3)
        #expect(mailbox.take(until: 0) == [3])
        #expect(mailbox.take(until: 0).isEmpty)
    }
}
