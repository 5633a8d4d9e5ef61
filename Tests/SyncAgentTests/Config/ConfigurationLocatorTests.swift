import SyncAgent
import Testing
import YAMLReading

@Suite struct ConfigurationLocatorTests {
    private func locate(
        option: String? = nil,
        watched: [String] = [],
        environment: [String: String] = ["HOME": "/home/ada"],
        files: Set<String> = []
    ) -> (found: ConfigurationLocator.Found?, notices: [String]) {
        ConfigurationLocator(
            option: option,
            watched: watched,
            environment: { environment[$0] },
            exists: { files.contains($0) }
        ).locate()
    }

    private let user = "/home/ada/.config/loopsync/config.yaml"

    @Test func `the first that is there wins, in the documented order`() {
        let all: Set = ["/p/loopsync.yaml", user, "/x/loopsync/config.yaml"]
        let variables = ["HOME": "/home/ada", "LOOPSYNC_CONFIG": "/e.yaml"]
        #expect(
            locate(option: "o.yaml", watched: ["/p/.loops"], environment: variables, files: all).found
                == .init(path: "o.yaml", origin: .option)
        )
        #expect(
            locate(watched: ["/p/.loops"], environment: variables, files: all).found
                == .init(path: "/e.yaml", origin: .environment)
        )
        #expect(locate(watched: ["/p/.loops"], files: all).found == .init(path: "/p/loopsync.yaml", origin: .project))
        #expect(locate(watched: ["/q/.loops"], files: all).found == .init(path: user, origin: .user))
        #expect(
            locate(environment: ["HOME": "/home/ada", "XDG_CONFIG_HOME": "/x"], files: all).found
                == .init(path: "/x/loopsync/config.yaml", origin: .user)
        )
        #expect(locate(environment: ["HOME": "/home/ada", "XDG_CONFIG_HOME": "x"], files: all).found?.path == user)
        #expect(locate(environment: [:], files: all).found == nil)
    }

    @Test func `with several watched directories no project's file is read, and that is said`() {
        let (found, notices) = locate(watched: ["/p/.loops", "/q/.loops"], files: ["/p/loopsync.yaml", user])
        #expect(found == .init(path: user, origin: .user))
        #expect(
            notices == [
                "/p/loopsync.yaml is not read: with several watched directories use --config or your own file"
            ]
        )
    }

    @Test(arguments: [
        ("/p/.loops", "/p/loopsync.yaml"), ("/.loops", "/loopsync.yaml"), (".loops", "loopsync.yaml"),
        ("a/.loops/", "a/loopsync.yaml"),
    ])
    func `beside means in the directory that holds it`(loops: String, file: String) {
        #expect(ConfigurationLocator.beside(loops) == file)
    }

    private func refusal(_ watched: [String], _ sync: String?, links: [String: String] = [:]) -> String {
        do {
            try ConfigurationPlaces.check(watched: watched, sync: sync) { links[$0] ?? $0 }
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `directories that would feed on each other are refused, wherever links lead`() {
        #expect(refusal(["/p/.loops", "/q/.loops"], "/s") == "")
        #expect(refusal(["/p/.loops"], "/p/.loops2") == "")
        #expect(refusal(["/a", "/a"], nil) == "error: /a is watched twice; name it once")
        #expect(
            refusal(["/a", "/b"], nil, links: ["/b": "/a"])
                == "error: /b and /a are the same directory (/a); watch it once"
        )
        #expect(
            refusal(["/p/.loops"], "/link", links: ["/link": "/p/.loops/x"]).contains("inside the watched directory")
        )
        #expect(refusal(["/p/.loops"], "/p/.loops").contains("inside the watched directory"))
        #expect(refusal(["/s/p/.loops"], "/s").contains("is inside the sync directory"))
        #expect(refusal(["/s/p/.loops"], "/").contains("is inside the sync directory"))
        #expect(refusal(["/a", "/a"], "/a").split(separator: "\n").count == 2)
        let project = #expect(throws: ConfigurationError.self) {
            try ConfigurationPlaces.check(watched: ["/p"], sync: nil, resolve: { $0 }, isProject: { $0 == "/p" })
        }
        #expect(project?.description.contains("watch /p/.loops") == true)
    }
}
