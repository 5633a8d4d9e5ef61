import LoopModel
import LoopStore
import RunCatalogue

extension RunIndex {
    private static let record = "pruned.jsonl"

    /// Takes the record of what was pruned over, where it changed since the last time.
    func takePrunes() throws(PosixError) {
        let log = PruneLog(loops)
        let stamp = try log.status().map { FileStamps($0, []).bytes } ?? []
        guard catalogue.stamp(ofSource: Self.record) != stamp else { return }
        let prunes = try log.records().map { record in
            Catalogue.Prune(
                change: record.change.rawValue,
                time: record.time,
                place: record.place,
                loop: record.loop,
                runID: record.runID,
                status: record.status,
                endedAt: record.endedAt,
                size: record.size,
                reasons: record.reasons
            )
        }
        catalogue.setPrunes(prunes, from: Self.record, stamp: stamp)
    }
}
