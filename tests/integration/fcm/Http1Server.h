#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace carillon::tests
{

/// One POST as it came; names of headers in lower case.
struct Http1Request
{
    std::string path;
    std::map<std::string, std::string> headers;
    std::string body;
};

/// A TLS server that speaks HTTP/1.1 only, as an inspecting proxy may: takes every POST with a message name, and keeps what came.
/// Thread-safe.
class Http1Server
{
public:
    /// Listens on a free port with `server.pem` and `server-key.pem` of a fake FCM's state folder.
    explicit Http1Server(const std::filesystem::path& identity);
    ~Http1Server();

    std::string endpoint() const;
    std::vector<Http1Request> requests() const;

    /// So many more requests are read whole, and then their connection is closed without an answer.
    void closeWithoutAnswer(int times);

    /// By the server's threads: false when the connection is to be closed.
    bool take(Http1Request request);

private:
    struct Server;

    mutable std::mutex _mutex;
    std::vector<Http1Request> _requests;
    int _toClose = 0;
    std::unique_ptr<Server> _server;
};

} // namespace carillon::tests
