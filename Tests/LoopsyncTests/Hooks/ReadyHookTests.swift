import Glibc
import LoopModel
import TestSupport
import Testing

/// The hooks that come with loopsync.
@Suite
struct ReadyHookTests {
    private let place: TemporaryDirectory
    private let hostile = #"a"b$(touch pwned)`touch pwned`; <b> & 'c' \ %s"#

    init() throws {
        place = try TemporaryDirectory()
    }

    private func hook(_ name: String) -> String { "\(PackageDirectory.path)/Config/hooks/\(name)" }

    @Test(arguments: ["notify", "webhook"])
    func `a ready hook is a shell script without mistakes, and can be run`(name: String) throws {
        #expect(try Subprocess.run(["/bin/sh", "-n", hook(name)]).succeeded)
        #expect(access(hook(name), X_OK) == 0)
        // Outside of loopsync it says what it is for.
        let alone = try Subprocess.run([hook(name)], environment: ["PATH": "/usr/bin:/bin"])
        #expect(!alone.succeeded && alone.errorOutput.contains("is run by loopsync as a hook"))
    }

    @Test func `the notification quotes whatever a loop is called`() throws {
        let program = place.path("notify-send")
        try Disk.write("#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done >'\(place.path("said"))'\n", to: program)
        #expect(chmod(program, 0o755) == 0)
        let ran = try Subprocess.run(
            [hook("notify")],
            in: place.path,
            environment: [
                "PATH": "\(place.path):/usr/bin:/bin", "LOOPSYNC_EVENT": "on_failed", "LOOPSYNC_RUN": hostile,
                "LOOPSYNC_SUMMARY": hostile,
            ]
        )
        #expect(ran.succeeded, "\(ran)")
        let said = try #require(Disk.text(place.path("said"))).split(separator: "\n").map(String.init)
        let body = #"a"b$(touch pwned)`touch pwned`; &lt;b&gt; &amp; 'c' \\ %s"#
        #expect(said.suffix(3) == ["--", "loopsync: \(hostile)", body])
        #expect(!Disk.exists(place.path("pwned")))
    }

    @Test func `the webhook posts the facts as they are, with a secret header from a file`() throws {
        try Disk.write(
            """
            import http.server, sys
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    open("body", "wb").write(body)
                    open("headers", "w").write(str(self.headers))
                    self.send_response(500 if self.path == "/bad" else 204)
                    self.end_headers()
            server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
            print(server.server_port, flush=True)
            server.serve_forever()
            """,
            to: place.path("server.py")
        )
        let server = try Subprocess(["/usr/bin/python3", "server.py"], in: place.path)
        defer { server.signal(SIGKILL) }
        let port = try eventually("the server's port") {
            server.output.hasSuffix("\n") ? server.output.dropLast() : nil
        }
        let facts = "{\"loop\": \"\(hostile.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"}\n"
        try Disk.write("Authorization: Bearer secret\n", to: place.path("header"))
        func post(_ arguments: String...) throws -> Subprocess.Finished {
            try Subprocess.run(
                [hook("webhook")] + arguments,
                in: place.path,
                environment: ["PATH": "/usr/bin:/bin", "LOOPSYNC_EVENT": "on_failed"],
                input: facts
            )
        }
        let posted = try post("http://127.0.0.1:\(port)/x y", place.path("header"))
        #expect(!posted.succeeded, "an address with a space is none")
        #expect(try post("http://127.0.0.1:\(port)/x", place.path("header")).succeeded)
        #expect(Disk.text(place.path("body")) == facts)
        let headers = try #require(Disk.text(place.path("headers")))
        #expect(headers.contains("Content-Type: application/json\n"))
        #expect(headers.contains("X-Loopsync-Event: on_failed\n"))
        #expect(headers.contains("Authorization: Bearer secret\n"))
        #expect(!Disk.exists(place.path("pwned")))
        let refused = try post("file:///etc/passwd")
        #expect(!refused.succeeded)
    }
}
