import GRDB
import LoopModel

/// Why a catalogue is not used.
package enum CatalogueError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is damaged, or another version's: to be deleted and built again.
    case worthless(String)
    /// It cannot be used now: locked by another process, on a full or read-only disk.
    case unavailable(String)

    init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            self = .unavailable(PrintableText.escapingControls(in: "\(error)"))
            return
        }
        let text = PrintableText.escapingControls(in: error.message ?? "\(error.resultCode)")
        switch error.resultCode.primaryResultCode {
        // A constraint that fails, or a table that is not there, is a content that this program never writes.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_FORMAT:
            self = .worthless(text)
        default:
            self = .unavailable(text)
        }
    }

    package var description: String {
        switch self {
        case .worthless(let why), .unavailable(let why): why
        }
    }
}
