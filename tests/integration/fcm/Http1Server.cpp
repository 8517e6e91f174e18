#include "integration/fcm/Http1Server.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>

namespace carillon::tests
{
namespace
{

class Handler final : public Poco::Net::HTTPRequestHandler
{
public:
    explicit Handler(Http1Server& server) : _server(server) {}

    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override
    {
        Http1Request taken;
        taken.path = request.getURI();
        for (const auto& [name, value] : request) taken.headers[Poco::toLower(name)] = value;
        Poco::StreamCopier::copyToString(request.stream(), taken.body);
        if (!_server.take(std::move(taken)))
        {
            static_cast<Poco::Net::HTTPServerRequestImpl&>(request).detachSocket().close();
            return;
        }
        const std::string body = R"({"name":"projects/demo/messages/1"})";
        response.setContentType("application/json");
        response.sendBuffer(body.data(), body.size());
    }

private:
    Http1Server& _server;
};

class Factory final : public Poco::Net::HTTPRequestHandlerFactory
{
public:
    explicit Factory(Http1Server& server) : _server(server) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest&) override { return new Handler(_server); }

private:
    Http1Server& _server;
};

Poco::Net::Context::Ptr contextOf(const std::filesystem::path& identity)
{
    return new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, (identity / "server-key.pem").string(),
                                  (identity / "server.pem").string(), "", Poco::Net::Context::VERIFY_NONE);
}

} // namespace

struct Http1Server::Server
{
    Server(Http1Server& owner, const std::filesystem::path& identity)
        : socket(Poco::Net::SocketAddress("127.0.0.1", 0), 64, contextOf(identity)),
          http(new Factory(owner), socket, new Poco::Net::HTTPServerParams)
    {
        http.start();
    }
    ~Server() { http.stopAll(true); }

    Poco::Net::SecureServerSocket socket;
    Poco::Net::HTTPServer http;
};

Http1Server::Http1Server(const std::filesystem::path& identity)
{
    Poco::Net::initializeSSL();
    _server = std::make_unique<Server>(*this, identity);
}

Http1Server::~Http1Server()
{
    _server.reset();
    Poco::Net::uninitializeSSL();
}

std::string Http1Server::endpoint() const { return "https://127.0.0.1:" + std::to_string(_server->socket.address().port()); }

std::vector<Http1Request> Http1Server::requests() const
{
    const std::lock_guard lock(_mutex);
    return _requests;
}

void Http1Server::closeWithoutAnswer(int times)
{
    const std::lock_guard lock(_mutex);
    _toClose = times;
}

bool Http1Server::take(Http1Request request)
{
    const std::lock_guard lock(_mutex);
    _requests.push_back(std::move(request));
    if (_toClose == 0) return true;
    --_toClose;
    return false;
}

} // namespace carillon::tests
