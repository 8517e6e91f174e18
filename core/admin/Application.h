#pragma once

#include "admin/Guard.h"
#include "admin/Http.h"
#include "admin/Routes.h"
#include "carillon/Logger.h"

#include <chrono>
#include <exception>
#include <optional>
#include <string>

namespace carillon::admin
{

/// From a request to its answer: guard, routes, and every error told as a problem. Thread-safe.
class Application
{
public:
    Application(Guard guard, Routes routes, Logger logger)
        : _guard(std::move(guard)),
          _routes(std::move(routes)),
          _logger(std::move(logger))
    {
    }

    /// What a request whose head is read may go on with.
    struct Admitted
    {
        const Endpoint* endpoint = nullptr; ///< null: `answer` is there already
        PathValues values;
        std::optional<Response> answer;
    };

    /// Looks at the head only, so that nobody sends a body in vain. Throws Problem.
    Admitted admit(const Request& request) const;

    /// Answers a request that was admitted, its body read. Throws what the endpoint throws.
    static Response answer(const Request& request, const Admitted& admitted);

    /// The problem that an exception is to the client. What is ours alone goes to the log with the trace id, not into the answer.
    Response problemOf(const std::exception_ptr& error, const Request& request) const;

    /// One line at debug level.
    void logAccess(const Request& request, int status, std::chrono::microseconds duration) const;

    const Routes& routes() const { return _routes; }

private:
    /// For the log: what a client writes into a path may be a patient's id, so the pattern is named, not the path.
    std::string patternOf(const Request& request) const;

    const Guard _guard;
    const Routes _routes;
    const Logger _logger;
};

} // namespace carillon::admin
