#pragma once

#include "log/Line.h"

#include <Poco/Formatter.h>

#include <string>

namespace carillon::log
{

/// Makes our line of a Poco::Message, whoever logged it. Immutable, so thread-safe.
class LineFormatter : public Poco::Formatter
{
public:
    explicit LineFormatter(Appearance appearance) : _appearance(std::move(appearance)) {}

    /// The parameter of a message that holds pack()ed fields.
    static const std::string fieldsParameter;

    void format(const Poco::Message& message, std::string& text) override;

private:
    const Appearance _appearance;
};

} // namespace carillon::log
