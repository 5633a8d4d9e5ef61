import LoopEngine

@main
struct Looprun {
    static func main() {}
}
