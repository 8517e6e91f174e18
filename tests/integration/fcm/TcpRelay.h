#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace carillon::tests
{

/// Stands between a client and a server on 127.0.0.1 and passes bytes on, TLS and all, until the test makes the network bad. Thread-safe.
class TcpRelay
{
public:
    /// Listens on a free port; connects to `serverPort` for each client.
    explicit TcpRelay(std::uint16_t serverPort);
    ~TcpRelay();
    TcpRelay(const TcpRelay&) = delete;
    TcpRelay& operator=(const TcpRelay&) = delete;

    std::uint16_t port() const { return _port; }
    std::string endpoint() const { return "https://127.0.0.1:" + std::to_string(_port); }

    /// From now on what clients send is read and thrown away, on the connections there are; new ones work.
    void swallow();

    /// From now on new connections are accepted, and nothing is passed on.
    void swallowNew(bool isOn) { _swallowNew = isOn; }

    /// Blocks until so many bytes were thrown away since swallow(). Throws std::runtime_error after 10 s.
    void waitUntilSwallowed(std::size_t bytes) const;

    /// Ends all connections there are: by RST, or by FIN as a server that stops does.
    void reset() { endAll(true); }
    void close() { endAll(false); }

    /// How many connections were ever accepted.
    int accepted() const { return _accepted; }

private:
    struct Link
    {
        int client;
        int server;
        bool isSwallowing;
    };

    void run();
    void acceptOne();
    /// False when either side is gone.
    bool pass(Link& link, int from, int to);
    void endAll(bool byReset);
    static void end(const Link& link, bool byReset);
    void wake() const;

    const std::uint16_t _serverPort;
    int _listener = -1;
    std::uint16_t _port = 0;
    int _wake[2] = {-1, -1};
    std::mutex _mutex;
    std::list<Link> _links;
    std::atomic<bool> _swallowNew{false};
    std::atomic<std::size_t> _swallowed{0};
    std::atomic<int> _accepted{0};
    std::atomic<bool> _isStopping{false};
    std::thread _thread;
};

} // namespace carillon::tests
