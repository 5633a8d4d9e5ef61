import LoopModel
import SyncCore
import Testing

@Suite struct `The owner of a run` {
    private typealias Token = OwnerEvidence.Token
    private typealias Process = OwnerEvidence.Process

    @Test func `is unknown before anybody was seen`() {
        #expect(OwnerEvidence().verdict == .unknown)
    }

    @Test func `is dead when the pid now names a later process`() {
        var owner = OwnerEvidence()
        owner.look(
            tokens: [Token(pid: 7, written: 100)],
            statePid: nil,
            processes: [7: Process(started: 50, mayBeExecutor: true)]
        )
        #expect(owner.verdict == .alive)
        owner.look(
            tokens: [Token(pid: 7, written: 100)],
            statePid: nil,
            processes: [7: Process(started: 9000, mayBeExecutor: true)]
        )
        #expect(owner.verdict == .dead)
    }

    @Test func `is dead at first sight when the process began after its pid file`() {
        var owner = OwnerEvidence()
        owner.look(
            tokens: [Token(pid: 7, written: 100)],
            statePid: nil,
            processes: [7: Process(started: 5000, mayBeExecutor: true)]
        )
        #expect(owner.verdict == .dead)
    }

    @Test func `is nobody whose command line is no executor's`() {
        var owner = OwnerEvidence()
        owner.look(
            tokens: [Token(pid: 7, written: 100)],
            statePid: nil,
            processes: [7: Process(started: 50, mayBeExecutor: false)]
        )
        #expect(owner.verdict == .dead)
    }

    @Test func `lives on as long as one of two processes does`() {
        var owner = OwnerEvidence()
        let both = [Int32(7): Process(started: 50, mayBeExecutor: true), 8: Process(started: 60, mayBeExecutor: true)]
        owner.look(tokens: [Token(pid: 7, written: 100), Token(pid: 8, written: 100)], statePid: nil, processes: both)
        owner.look(tokens: [Token(pid: 7, written: 100)], statePid: nil, processes: both.filter { $0.key == 8 })
        #expect(owner.verdict == .alive)
    }

    @Test func `is leaving when its tokens went before it did`() {
        var owner = OwnerEvidence()
        let process = [Int32(7): Process(started: 50, mayBeExecutor: true)]
        owner.look(tokens: [Token(pid: 7, written: 100)], statePid: nil, processes: process)
        owner.look(tokens: [], statePid: nil, processes: process)
        #expect(owner.verdict == .leaving)
        owner.look(tokens: [], statePid: nil, processes: [:])
        #expect(owner.verdict == .dead)
    }
}
