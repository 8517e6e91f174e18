#include "stores/sqlite/DecisionRun.h"

#include "carillon/Errors.h"
#include "stores/sqlite/Inbox.h"
#include "stores/sqlite/LetterRows.h"
#include "stores/sqlite/Outbox.h"

#include <algorithm>
#include <stdexcept>

namespace carillon::stores::sqlite
{
namespace
{

using port::Decided;
using port::Decision;
using port::DecisionResult;

/// Thrown through a savepoint to undo one decision; never leaves this file.
struct Undone
{
    DecisionResult result;
};

/// The good path of a type declared idempotent. Anything but a success at the first turn has a row already, or needs one for its history.
bool leavesNoRow(const Decision& decision)
{
    return !decision.isRecorded && decision.decided == Decided::Done && decision.envelope->turn == 1;
}

bool hasWrites(const Decision& decision) { return decision.work && !decision.work->writes().empty(); }

} // namespace

void DecisionRun::requireValid(std::span<const Decision> decisions)
{
    for (const Decision& decision : decisions)
    {
        if (!decision.envelope || decision.envelope->id.empty())
            throw std::invalid_argument(
                "a decision needs an envelope with an id; derive one from the bytes of a message that came without");
        if (decision.decided == Decided::Dead && !decision.failure)
            throw std::invalid_argument("message " + decision.envelope->id + " cannot be dead without a failure; say what went wrong");
    }
}

std::vector<DecisionResult> DecisionRun::run(std::span<const Decision> decisions)
{
    std::vector<DecisionResult> results;
    results.reserve(decisions.size());
    for (std::size_t index = 0; index < decisions.size(); ++index)
    {
        const Decision& decision = decisions[index];
        DecisionResult result = DecisionResult::Duplicate;
        // What remains without writes and `within` fails with the whole call only, so it is spared the savepoint.
        if (!hasWrites(decision) && !_within)
            result = decide(decision, index);
        else
        {
            try
            {
                _session.savepoint([&] { result = decide(decision, index); });
            }
            catch (const Undone& undone)
            {
                result = undone.result;
            }
        }
        if (result == DecisionResult::Applied) count(decision);
        results.push_back(result);
    }
    writeTallies();
    return results;
}

DecisionResult DecisionRun::decide(const Decision& decision, std::size_t index)
{
    if (!record(decision)) return DecisionResult::Duplicate;
    applyStage(decision);
    Outbox(_session).add(decision.outbox, decision.envelope);
    if (_within) settle(index);
    return DecisionResult::Applied;
}

bool DecisionRun::record(const Decision& decision)
{
    if (leavesNoRow(decision)) return true;
    const auto recorded = Inbox(_session).record(decision, _now);
    if (!recorded) return false;
    if (decision.decided != Decided::Dead) return true;

    port::DeadLetter letter;
    letter.envelope = *decision.envelope;
    letter.transport = decision.transport;
    letter.failedAt = decision.failure->at;
    letter.history = recorded->history;
    letter.raw = decision.raw;
    letter.replays = recorded->replays;
    LetterRows(_session).put(letter);
    return true;
}

void DecisionRun::applyStage(const Decision& decision)
{
    if (!hasWrites(decision)) return;
    try
    {
        for (const auto& write : decision.work->writes()) write(_session);
    }
    catch (const VersionConflict&)
    {
        throw Undone{DecisionResult::Conflict};
    }
}

void DecisionRun::settle(std::size_t index)
{
    bool isOurs = false;
    try
    {
        isOurs = _within(_session, index);
    }
    catch (const VersionConflict&)
    {
        throw Undone{DecisionResult::Conflict};
    }
    catch (const StoreError&)
    {
        throw;
    }
    catch (...)
    {
        throw Undone{DecisionResult::Lost};
    }
    if (!isOurs) throw Undone{DecisionResult::Lost};
}

void DecisionRun::count(const Decision& decision)
{
    const auto same = [&](const Tally& tally) { return tally.decided == decision.decided && *tally.type == decision.envelope->type; };
    const auto found = std::find_if(_tallies.begin(), _tallies.end(), same);
    if (found != _tallies.end())
        ++found->count;
    else
        _tallies.push_back({&decision.envelope->type, decision.decided, 1});
}

void DecisionRun::writeTallies()
{
    for (const Tally& tally : _tallies)
        _session
            .prepare("INSERT INTO tallies(type, decided, count) VALUES(?1, ?2, ?3) "
                     "ON CONFLICT(type, decided) DO UPDATE SET count = count + excluded.count")
            .bind(*tally.type, numberOf(tally.decided), tally.count)
            .run();
}

} // namespace carillon::stores::sqlite
