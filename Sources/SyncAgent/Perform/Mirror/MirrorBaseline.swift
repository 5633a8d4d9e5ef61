package import LoopModel
package import LoopStore

/// What was compared before: which runs stand whole in the mirror, and what a stat of both sides' files said then.
///
/// It is asked by the thread that mirrors alone. Whatever it does not know is compared.
package protocol MirrorBaseline: AnyObject {
    /// The digest of a run's sums, where a stat of each file says that both sides are what they were.
    ///
    /// In the order of the places, from the first to the last, this costs least.
    func digest(of place: RunPlace, in history: any Directory, _ copies: any Directory) -> [UInt8]?

    /// The digests of the sums of all copies whose directory is, by a stat, what it was when both sides were compared.
    ///
    /// What was done since to a file within, in place, is not looked for: this tells people, and decides nothing.
    func standing(in copies: any Directory) -> [RunPlace: [UInt8]]

    /// Both sides of each pair have just these sums and files of the same sizes.
    ///
    /// - Parameter isOwn: whether this program has just written the copies, so that their times are of this moment.
    func settled(_ pairs: [SettledPair], in history: any Directory, _ copies: any Directory, isOwn: Bool)

    /// The sides differ, or one has gone.
    func forget(_ place: RunPlace)

    /// Keeps what was told since the last time.
    func save()
}

/// A run that both sides have.
package struct SettledPair: Sendable {
    package var place: RunPlace
    /// The digest of the bytes of `SHA256SUMS`.
    package var sums: [UInt8]
    /// The files that were compared, `SHA256SUMS` among them, sorted.
    package var names: [FileName]
}
