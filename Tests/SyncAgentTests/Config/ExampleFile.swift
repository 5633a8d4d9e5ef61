import TestSupport

/// `Config/loopsync.yaml` of this package.
func exampleFile(_ thisFile: String = #filePath) throws -> String {
    let root = thisFile.split(separator: "/").dropLast(4).joined(separator: "/")
    guard let text = Disk.text("/\(root)/Config/loopsync.yaml") else {
        throw TestSupportError("no Config/loopsync.yaml in /\(root)")
    }
    return text
}
