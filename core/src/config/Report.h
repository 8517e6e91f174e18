#pragma once

#include "config/Loader.h"

#include <string>
#include <vector>

/// What `config:show`, `config:check` and `config:reference` print. Pure; no colours, no wrapping; texts end with a line end.
namespace carillon::config
{

/// One effective value, fit for other people's eyes: secrets are `***`, in DSNs only user and password.
struct ShownValue
{
    std::string key;
    std::string value;
    std::string origin;
};

std::vector<ShownValue> shownValues(const Configuration& configuration);

/// A table of key, value and origin; with `prefix` only the keys that begin with it (`transports.`).
std::string showText(const Configuration& configuration, const std::string& prefix = {});
std::string showJson(const Configuration& configuration, const std::string& prefix = {});

/// The problems, one a line and then their number; or what was found to be well.
std::string checkText(const LoadResult& result);
std::string checkJson(const LoadResult& result);

/// Every key with type, default, environment variable and help.
std::string referenceText();
std::string referenceJson();

/// `amqp://***@host/vhost` of `amqp://user:password@host/vhost`; the same text when there is no user.
std::string maskedDsn(const std::string& dsn);

} // namespace carillon::config
