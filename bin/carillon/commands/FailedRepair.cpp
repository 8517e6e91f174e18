#include "commands/FailedRepair.h"

#include "carillon/Errors.h"
#include "port/DeadLetters.h"

#include <fmt/format.h>

namespace carillon::commands
{

bool retryLetter(compose::Assembly& assembly, const std::string& id)
{
    port::DeadLetters& letters = assembly.store().deadLetters();
    const auto letter = letters.find(id);
    if (!letter) return false;
    port::Transport& transport = assembly.transport(letter->transport);
    return letters
        .release(id,
                 [&](StoreSession& session, const Envelope& envelope) -> std::optional<port::OutboxMessage> {
                     if (!transport.joins(assembly.store())) return port::OutboxMessage{0, transport.name(), envelope};
                     const auto results = transport.publishWithin(session, {&envelope, 1});
                     if (results.front().status == port::PublishResult::Status::Refused)
                         throw Error(fmt::format("message {} was not taken by transport {}: {}; it stays a dead letter", id, transport.name(), results.front().reason));
                     return {};
                 })
        .has_value();
}

std::vector<std::string> matchingIds(compose::Assembly& assembly, const std::string& transport, const std::string& type)
{
    port::DeadLetterFilter filter;
    filter.transport = transport;
    filter.type = type;
    std::vector<std::string> ids;
    std::string cursor;
    do
    {
        const auto page = assembly.store().deadLetters().list(filter, 500, cursor);
        for (const port::DeadLetter& letter : page.letters)
            ids.push_back(letter.envelope.id);
        cursor = page.nextCursor;
    } while (!cursor.empty());
    return ids;
}

} // namespace carillon::commands
