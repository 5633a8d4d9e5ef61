import Glibc
import TestSupport
import Testing

extension FaultTests {
    /// A file system that lets files share blocks: archives and mirrors on it take no second copy of the bytes.
    @Suite(
        .serialized,
        .enabled(if: MountNamespace.takesImages, "needs root, to mount an image"),
        .enabled(if: access("/usr/sbin/mkfs.btrfs", X_OK) == 0, "needs mkfs.btrfs, of Debian's btrfs-progs")
    )
    struct ReflinkTests {
        @Test func `where files can share blocks an archive and its mirror share those of the run`() throws {
            let lab = try LoopLab(.a)
            try lab.define(
                "talk",
                "initial: a\nstates:\n  a: {action: seq 20000, next: done}\n  done: {terminal: true}"
            )
            #expect(try lab.run("run", "talk", "-q").succeeded)
            let disks = try MountNamespace(forImages: true)
            let (image, disk) = (lab.directory.path("image"), lab.directory.path("disk"))
            #expect(try Subprocess.run(["/usr/bin/truncate", "-s", "256M", image]).succeeded)
            #expect(try Subprocess.run(["/usr/sbin/mkfs.btrfs", "-q", image]).succeeded)
            try Disk.makeDirectories(disk)
            try disks.change("mount", "-o", "loop", image, disk)
            let loopsync = try BuiltProduct.loopsync()
            let script = """
                set -e; cd \(disk); cp -r \(lab.loops) .loops; mkdir sync
                for verb in archive mirror verify; do \(loopsync) $verb --sync sync; done
                sync -f .
                /usr/sbin/filefrag -v .loops/.running/*.events.jsonl $(find .loops/.history sync -name events.jsonl)
                """
            let finished = try disks.run(["/bin/sh", "-c", script])
            #expect(finished.succeeded, "\(finished)")
            // Of the executor's file, its archive and the archive's copy: where on the disk the bytes are.
            let extents = finished.output.split(separator: "\n").filter { $0.contains("shared") }
                .map { $0.split(separator: ":")[2] }
            #expect(extents.count >= 3 && extents.count.isMultiple(of: 3), "\(finished.output)")
            #expect(Set(extents).count == extents.count / 3, "\(finished.output)")
        }
    }
}
