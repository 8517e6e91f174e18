#pragma once

#include "process/FileDescriptor.h"

#include <map>
#include <string>
#include <string_view>

namespace carillon::tests::admin
{

struct Reply
{
    int status = 0;                             ///< 0: the server closed the connection without an answer
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;

    bool has(const std::string& name) const { return headers.contains(name); }
    std::string header(const std::string& name) const
    {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

/// A client that can misbehave: it sends any bytes at all. Waits 10 s for an answer, then the test fails.
class RawClient
{
public:
    /// `host:port`.
    explicit RawClient(const std::string& address);

    /// False when the server does not take it any more.
    bool send(std::string_view bytes);
    /// The next answer; `isHead`: without a body, whatever its length says.
    Reply receive(bool isHead = false);
    /// True when bytes, or the end, are there within `milliseconds`.
    bool hasAnswer(int milliseconds) const;
    /// Waits for the server's end of the connection.
    bool isClosed();

private:
    /// False at the end.
    bool fill();

    process::FileDescriptor _socket;
    std::string _bytes;
};

} // namespace carillon::tests::admin
