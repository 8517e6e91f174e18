#pragma once

#include "port/DeadLetters.h"
#include "sqlite/Session.h"

#include <optional>
#include <string>
#include <vector>

namespace carillon::stores::sqlite
{

/// Where a page of the list begins: after this letter.
struct LetterPosition
{
    TimePoint failedAt{};
    std::string id;
    std::string type;
};

/// The rows of the dead letters within one open transaction.
class LetterRows
{
public:
    explicit LetterRows(carillon::sqlite::Session& session) : _session(session) {}

    /// Adds the letter, or replaces the one of the same message.
    void put(const port::DeadLetter& letter);
    /// The latest, when messages of several types share the id.
    std::optional<port::DeadLetter> find(const std::string& id);
    std::vector<port::DeadLetter> list(const port::DeadLetterFilter& filter, std::size_t limit, const std::optional<LetterPosition>& after);
    std::uint64_t count(const port::DeadLetterFilter& filter);
    std::size_t remove(const std::string& id);
    std::size_t removeOne(const Envelope& envelope);
    std::size_t removeAll(const port::DeadLetterFilter& filter);

private:
    carillon::sqlite::Session& _session;
};

} // namespace carillon::stores::sqlite
