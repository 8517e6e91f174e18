#pragma once

#include "port/Ledger.h"
#include "sqlite/Session.h"

#include <string>
#include <utility>
#include <vector>

namespace carillon::stores::sqlite
{

/// One call of Ledger::decide() within its transaction: applies decisions one after the other and counts them.
class DecisionRun
{
public:
    /// Throws std::invalid_argument for decisions that could not be told from each other or explained later. To be asked before the
    /// transaction.
    static void requireValid(std::span<const port::Decision> decisions);

    DecisionRun(carillon::sqlite::Session& session, const port::Ledger::Within& within, TimePoint now)
        : _session(session),
          _within(within),
          _now(now)
    {
    }

    std::vector<port::DecisionResult> run(std::span<const port::Decision> decisions);

private:
    port::DecisionResult decide(const port::Decision& decision, std::size_t index);
    bool record(const port::Decision& decision);
    void applyStage(const port::Decision& decision);
    void settle(std::size_t index);
    void count(const port::Decision& decision);
    void writeTallies();

    carillon::sqlite::Session& _session;
    const port::Ledger::Within& _within;
    TimePoint _now;

    struct Tally
    {
        const std::string* type;
        port::Decided decided;
        std::uint64_t count;
    };
    /// A call has few types: a list is quicker than a map.
    std::vector<Tally> _tallies;
};

} // namespace carillon::stores::sqlite
