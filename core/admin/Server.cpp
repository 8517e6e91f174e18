#include "admin/Server.h"

#include "admin/Application.h"
#include "admin/Conversation.h"
#include "admin/Dashboard.h"
#include "admin/FailedApi.h"
#include "admin/Gate.h"
#include "admin/Lane.h"
#include "admin/NotificationsApi.h"
#include "admin/Probes.h"
#include "carillon/Errors.h"
#include "stats/Statistics.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <fcntl.h>
#include <fmt/format.h>

#include <atomic>
#include <future>
#include <thread>

namespace carillon::admin
{
namespace
{

using namespace std::chrono_literals;
using process::FileDescriptor;

constexpr int backlog = 128;

Poco::Net::ServerSocket listenOn(const config::Admin& options)
{
    try
    {
        const Poco::Net::SocketAddress address(options.host, static_cast<Poco::UInt16>(options.port));
        Poco::Net::ServerSocket socket;
        // Not SO_REUSEPORT: a second instance on our port must be an error, not a lottery.
        socket.bind(address, true, false);
        socket.listen(backlog);
        return socket;
    }
    catch (const Poco::Exception& error)
    {
        throw ConfigurationError(fmt::format("admin: cannot listen on {}:{} ({}); stop what uses it, or set admin.host and admin.port",
                                             options.host, options.port, error.displayText()));
    }
}

FileDescriptor detached(const Poco::Net::ServerSocket& socket)
{
    FileDescriptor descriptor(fcntl(socket.impl()->sockfd(), F_DUPFD_CLOEXEC, 3));
    if (!descriptor || fcntl(descriptor.get(), F_SETFL, O_NONBLOCK) != 0)
        throw ConfigurationError("admin: no file descriptor is left; raise the limit (ulimit -n)");
    return descriptor;
}

std::string reachableAddress(const Poco::Net::SocketAddress& bound)
{
    if (!bound.host().isWildcard()) return bound.toString();
    const bool isV6 = bound.family() == Poco::Net::SocketAddress::IPv6;
    return fmt::format("{}:{}", isV6 ? "[::1]" : "127.0.0.1", bound.port());
}

void addStatistics(Routes& routes, const Instance& instance)
{
    routes.add("GET", "/api/v1/stats", Access::Token,
               {[&instance](const Request&, const PathValues&)
                {
                    std::vector<port::Transport*> transports;
                    for (const auto& [name, transport] : instance.transports) transports.push_back(transport);
                    return jsonResponse(200, stats::toJson(stats::collect(instance.store, transports, instance.clock.now())));
                },
                {},
                false});
}

Gate::Options gateOptions(const config::Admin& options)
{
    return {static_cast<std::size_t>(options.maxConnections), static_cast<std::size_t>(options.maxHeader), options.requestTimeout,
            options.keepAliveTimeout};
}

} // namespace

class Server::Parts
{
public:
    Parts(const config::Admin& options, Instance instance)
        : _instance(std::move(instance)),
          _observer(_instance.store, _instance.transports, _instance.clock, _instance.logger),
          _probes(_instance, _observer),
          _application(Guard(options.token, options.allowedHosts), routes(options), _instance.logger),
          _conversation{options.maxBody, options.requestTimeout, options.keepAliveTimeout.count() > 0, _isCut},
          _listener(listenOn(options)),
          _address(reachableAddress(_listener.address())),
          _requests(options.threads, [this](Arrival arrival) { serve(std::move(arrival)); }),
          _quick(options.probeThreads, [this](Arrival arrival) { serve(std::move(arrival)); }),
          _gate(detached(_listener), gateOptions(options), [this](Arrival arrival) { deliver(std::move(arrival)); })
    {
        _listener.close();
    }

    ~Parts() { stop(0ms); }

    const std::string& address() const { return _address; }
    void start() { _gate.start(); }

    bool isAlive(std::chrono::milliseconds patience)
    {
        const auto answered = std::make_shared<std::promise<void>>();
        auto future = answered->get_future();
        _gate.ask([this, answered] { _quick.push([answered] { answered->set_value(); }); });
        return future.wait_for(patience) == std::future_status::ready;
    }

    void closeListener()
    {
        _probes.setDraining();
        _gate.closeListener();
    }

    void stop(std::chrono::milliseconds drain)
    {
        closeListener();
        const auto end = std::chrono::steady_clock::now() + drain;
        while (_gate.busy() > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
        _isCut = true;
        _gate.stop();
        _requests.stop();
        _quick.stop();
    }

private:
    Routes routes(const config::Admin& options)
    {
        Routes routes;
        _probes.addTo(routes);
        addNotifications(routes, _instance, static_cast<std::size_t>(options.maxDepth));
        addFailed(routes, _instance, options.maxPage);
        addStatistics(routes, _instance);
        addDashboard(routes);
        return routes;
    }

    /// Whatever is answered without store and disk goes the quick way, which nothing slow may block.
    void deliver(Arrival arrival) { (arrival.finding == Finding::Request ? _requests : _quick).push(std::move(arrival)); }

    void serve(Arrival arrival)
    {
        const Finding finding = arrival.finding;
        FileDescriptor socket = converse(std::move(arrival), _application, _conversation);
        if (socket)
            _gate.giveBack({std::move(socket), finding, 0});
        else
            _gate.closed(finding);
    }

    const Instance _instance;
    Observer _observer;
    Probes _probes;
    const Application _application;
    std::atomic<bool> _isCut{false};
    const ConversationOptions _conversation;
    Poco::Net::ServerSocket _listener;
    const std::string _address;
    // The gate is destroyed first: it delivers to the lanes.
    Lane _requests;
    Lane _quick;
    Gate _gate;
};

Server::Server(const config::Admin& options, Instance instance) : _parts(std::make_unique<Parts>(options, std::move(instance))) {}
Server::~Server() = default;

const std::string& Server::address() const { return _parts->address(); }

void Server::start() { _parts->start(); }

bool Server::isAlive(std::chrono::milliseconds patience) { return _parts->isAlive(patience); }

void Server::closeListener() { _parts->closeListener(); }

void Server::stop(std::chrono::milliseconds drain) { _parts->stop(drain); }

} // namespace carillon::admin
