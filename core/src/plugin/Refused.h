#pragma once

#include "carillon/Errors.h"

#include <string>

namespace carillon::plugin
{

/// Why a plugin is not taken, thrown within this folder; who knows the file makes a Refusal or a ConfigurationError of it.
class Refused : public ConfigurationError
{
public:
    Refused(std::string reason, std::string remedy)
        : ConfigurationError(reason + "; " + remedy),
          _reason(std::move(reason)),
          _remedy(std::move(remedy))
    {
    }

    const std::string& reason() const noexcept { return _reason; }
    const std::string& remedy() const noexcept { return _remedy; }

private:
    std::string _reason;
    std::string _remedy;
};

} // namespace carillon::plugin
