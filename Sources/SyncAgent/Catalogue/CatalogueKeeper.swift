import LoopModel
package import LoopStore
import RunCatalogue
import Synchronization

/// The catalogue of one loops directory over a long time.
///
/// It is opened when it is first asked for, and again when it was deleted or replaced. Any thread may ask.
package final class CatalogueKeeper: Sendable {
    private let loops: LoopsDirectory
    private let isMakingPlace: Bool
    private let tell: @Sendable (String) -> Void
    private let state = Mutex(State())

    private struct State {
        var isOpened = false
        var catalogue: Catalogue?
        var identity: FileIdentity?
    }

    /// - Parameters:
    ///   - loops: whose catalogue it is.
    ///   - isMakingPlace: whether `.loopsync` is made where it is missing. Who only looks makes none.
    ///   - tell: hears why it is built again, or not used.
    package init(_ loops: LoopsDirectory, isMakingPlace: Bool, tell: @escaping @Sendable (String) -> Void) {
        self.loops = loops
        self.isMakingPlace = isMakingPlace
        self.tell = tell
    }

    /// The catalogue; nil where there is none to use.
    package func index() -> RunIndex? {
        state.withLock { state in
            if !state.isOpened { open(&state) }
            return state.catalogue.map { RunIndex($0, of: loops) }
        }
    }

    /// Opens it again where it cannot be used any more, or where another file is in its place.
    package func renew() {
        state.withLock { state in
            guard state.isOpened else { return }
            let identity = try? CatalogueFile.status(loops)?.identity
            if state.catalogue == nil || state.catalogue?.failure != nil || identity != state.identity { open(&state) }
        }
    }

    private func open(_ state: inout State) {
        state.isOpened = true
        // Closed first, so that what it holds is free.
        state.catalogue = nil
        state.catalogue = CatalogueFile.open(loops, isMakingPlace: isMakingPlace, tell: tell)
        state.identity = try? CatalogueFile.status(loops)?.identity
    }
}
