#include "chain/RetryMiddleware.h"

#include "carillon/Errors.h"

#include <Poco/Exception.h>
#include <cxxabi.h>
#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <random>

namespace carillon::chain
{
namespace
{

/// Fresh data is there at once; a short pause lets the other writer finish.
constexpr std::chrono::milliseconds conflictPause{50};
/// A full disk or an absent server does not heal within milliseconds.
constexpr std::chrono::milliseconds outagePause{2000};

std::string nameOf(const std::type_info& type)
{
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : type.name();
}

double random01()
{
    thread_local std::mt19937_64 engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

} // namespace

Outcome outcomeOf(const std::exception_ptr& error, TimePoint now)
{
    try
    {
        std::rethrow_exception(error);
    }
    catch (const PermanentFailure& failure)
    {
        return Outcome::reject(failure.what()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const RetryableFailure& failure)
    {
        return Outcome::retry(failure.what(), failure.after()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const VersionConflict& failure)
    {
        return Outcome::defer(now + conflictPause, failure.what()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const StoreError& failure)
    {
        return Outcome::defer(now + outagePause, failure.what()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const TransportError& failure)
    {
        return Outcome::defer(now + outagePause, failure.what()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const Poco::Exception& failure)
    {
        // what() of Poco is the class of the error only, without the thing that it is about.
        return Outcome::retry(failure.displayText()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (const std::exception& failure)
    {
        return Outcome::retry(failure.what()).withErrorClass(nameOf(typeid(failure)));
    }
    catch (...)
    {
        const std::type_info* type = abi::__cxa_current_exception_type();
        const std::string name = type != nullptr ? nameOf(*type) : "unknown";
        return Outcome::retry("the handler threw a value of type " + name).withErrorClass(name);
    }
}

void RetryMiddleware::process(Batch batch, const Next& next)
{
    try
    {
        next(batch);
    }
    catch (...)
    {
        for (BatchItem& item : batch)
            if (item.isOpen()) item.fail(std::current_exception());
    }
    for (BatchItem& item : batch)
    {
        if (item.isOpen()) item.finish(Outcome::retry("the handler gave no outcome").withErrorClass("no_outcome"));
        if (item.error()) item.finish(outcomeOf(item.error(), _clock.now()));
        const Outcome::Kind kind = item.outcome()->kind();
        if (kind == Outcome::Kind::Retry || kind == Outcome::Kind::Reject) item.finish(decide(item.envelope(), *item.outcome()));
    }
}

Outcome RetryMiddleware::decide(const Envelope& envelope, const Outcome& outcome) const
{
    const std::string attempt = fmt::format("{}/{}", envelope.attempt, _policy.maxRetries + 1);
    if (outcome.kind() == Outcome::Kind::Retry && _policy.allowsAnother(envelope.attempt))
    {
        const auto wait = _policy.waitAfter(envelope.attempt, random01(), outcome.retryAfter());
        if (_logger.isEnabled(LogLevel::Warning))
            _logger.warning(fmt::format("retry in {}ms", wait.count()), {{"type", envelope.type},
                                                                         {"id", envelope.id},
                                                                         {"attempt", attempt},
                                                                         {"error", outcome.errorClass()},
                                                                         {"reason", outcome.reason()}});
        return Outcome::retry(outcome.reason(), wait).withErrorClass(outcome.errorClass());
    }
    _logger.error(outcome.kind() == Outcome::Kind::Reject ? "dead: it can never succeed" : "dead: no attempt is left",
                  {{"type", envelope.type},
                   {"id", envelope.id},
                   {"attempt", attempt},
                   {"error", outcome.errorClass()},
                   {"reason", outcome.reason()}});
    return Outcome::reject(outcome.reason()).withErrorClass(outcome.errorClass());
}

} // namespace carillon::chain
