#include "publish/DeadLetterRepair.h"

#include "carillon/Errors.h"

#include <fmt/format.h>

namespace carillon::publish
{
namespace
{

constexpr std::size_t lettersAtOnce = 500;

} // namespace

bool retryDeadLetter(port::Store& store, const TransportNamed& transportNamed, const std::string& id)
{
    port::DeadLetters& letters = store.deadLetters();
    const auto letter = letters.find(id);
    if (!letter) return false;
    port::Transport& transport = transportNamed(letter->transport);
    const auto publish = [&](StoreSession& session, const Envelope& envelope) -> std::optional<port::OutboxMessage>
    {
        if (!transport.joins(store)) return port::OutboxMessage{0, transport.name(), envelope};
        const auto results = transport.publishWithin(session, {&envelope, 1});
        if (results.front().status == port::PublishResult::Status::Refused)
            throw Error(fmt::format("message {} was not taken by transport {}: {}; it stays a dead letter", id, transport.name(),
                                    results.front().reason));
        return {};
    };
    return letters.release(id, publish).has_value();
}

std::vector<std::string> deadLetterIds(port::DeadLetters& letters, const port::DeadLetterFilter& filter)
{
    std::vector<std::string> ids;
    std::string cursor;
    do {
        const auto page = letters.list(filter, lettersAtOnce, cursor);
        for (const port::DeadLetter& letter : page.letters) ids.push_back(letter.envelope.id);
        cursor = page.nextCursor;
    } while (!cursor.empty());
    return ids;
}

} // namespace carillon::publish
