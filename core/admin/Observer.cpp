#include "admin/Observer.h"

#include "port/DeadLetters.h"
#include "port/Ledger.h"

#include <fmt/format.h>

namespace carillon::admin
{
namespace
{

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds freshness{1};
constexpr std::chrono::seconds patience{1};

} // namespace

Observer::Observer(port::Store& store, std::map<std::string, port::Transport*> transports, const Clock& clock, Logger logger)
    : _store(store),
      _transports(std::move(transports)),
      _clock(clock),
      _logger(std::move(logger)),
      _thread([this] { run(); })
{
}

Observer::~Observer()
{
    {
        const std::lock_guard lock(_mutex);
        _stops = true;
    }
    _asked.notify_all();
    _thread.join();
}

std::optional<Observation> Observer::look()
{
    std::unique_lock lock(_mutex);
    const auto isFresh = [this] { return _latest && SteadyClock::now() - _latestAt <= freshness; };
    if (isFresh()) return _latest;
    // Others have waited for this look already: it hangs.
    if (_lookingSince && SteadyClock::now() - *_lookingSince > patience) return {};
    _isWanted = true;
    _asked.notify_one();
    if (!_answered.wait_for(lock, patience, isFresh)) return {};
    return _latest;
}

void Observer::run()
{
    std::unique_lock lock(_mutex);
    while (true)
    {
        _asked.wait(lock, [this] { return _isWanted || _stops; });
        if (_stops) return;
        _isWanted = false;
        _lookingSince = SteadyClock::now();
        lock.unlock();
        Observation observation = observe();
        lock.lock();
        _lookingSince.reset();
        _latest = std::move(observation);
        _latestAt = SteadyClock::now();
        _answered.notify_all();
    }
}

Observation Observer::observe()
{
    Observation observation;
    observation.at = _clock.now();
    const auto attempt = [this](const std::string& subject, const auto& act)
    {
        std::string error;
        try
        {
            act();
        }
        catch (const std::exception& failure)
        {
            error = failure.what();
        }
        bool& wasWell = _wellness.try_emplace(subject, true).first->second;
        tellOnce(wasWell, subject, error);
        return error.empty();
    };
    observation.isStoreWell = attempt("store", [&] { _store.check(); });
    for (const auto& [name, transport] : _transports)
        attempt("transport " + name, [&, transport = transport] { observation.queues[name] = transport->stats(); });
    attempt("dead letters", [&] { observation.deadByType = _store.deadLetters().countByType(); });
    attempt("outbox", [&] { observation.outbox = _store.ledger().outboxSize(); });
    return observation;
}

void Observer::tellOnce(bool& wasWell, const std::string& subject, const std::string& error)
{
    if (error.empty() == wasWell) return;
    wasWell = error.empty();
    if (wasWell)
        _logger.notice("answers again", {{"subject", subject}});
    else
        _logger.error("cannot be asked", {{"subject", subject}, {"reason", error}});
}

} // namespace carillon::admin
