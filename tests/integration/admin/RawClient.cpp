#include "RawClient.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace carillon::tests::admin
{
namespace
{

constexpr int patience = 10000;

} // namespace

RawClient::RawClient(const std::string& address) : _socket(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    if (connect(_socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect to " + address);
}

bool RawClient::send(std::string_view bytes)
{
    while (!bytes.empty())
    {
        const auto sent = ::send(_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::hasAnswer(int milliseconds) const
{
    if (!_bytes.empty()) return true;
    pollfd entry{_socket.get(), POLLIN, 0};
    return poll(&entry, 1, milliseconds) > 0;
}

bool RawClient::fill()
{
    pollfd entry{_socket.get(), POLLIN, 0};
    if (poll(&entry, 1, patience) <= 0) throw std::runtime_error("the server did not answer in time");
    char buffer[16384];
    const auto length = recv(_socket.get(), buffer, sizeof buffer, 0);
    if (length <= 0) return false;
    _bytes.append(buffer, static_cast<std::size_t>(length));
    return true;
}

bool RawClient::isClosed()
{
    while (fill())
    {
    }
    return true;
}

Reply RawClient::receive(bool isHead)
{
    Reply reply;
    std::size_t end = 0;
    while ((end = _bytes.find("\r\n\r\n")) == std::string::npos)
        if (!fill()) return reply;
    std::istringstream lines(_bytes.substr(0, end + 2));
    _bytes.erase(0, end + 4);
    std::string line;
    std::getline(lines, line);
    reply.status = std::stoi(line.substr(9, 3));
    while (std::getline(lines, line))
    {
        line.erase(line.find_last_not_of('\r') + 1);
        const auto colon = line.find(": ");
        std::string name = line.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        reply.headers[name] = line.substr(colon + 2);
    }
    if (reply.status == 100) return receive(isHead);
    const std::size_t length = isHead || !reply.has("content-length") ? 0 : std::stoul(reply.header("content-length"));
    while (_bytes.size() < length)
        if (!fill()) throw std::runtime_error("the answer's body was cut off");
    reply.body = _bytes.substr(0, length);
    _bytes.erase(0, length);
    return reply;
}

} // namespace carillon::tests::admin
