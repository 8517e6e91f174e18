#pragma once

#include "fcm/Quotas.h"
#include "http/Message.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace carillon::fakefcm
{

/// How the program was started. docs/fake-fcm.md and --help say the same.
struct Options
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 8443;
    std::uint16_t adminPort = 8444;
    std::filesystem::path state;
    std::string project = "demo";
    std::uint64_t seed = 1;

    bool acceptAny = false;
    std::filesystem::path journal;
    bool journalBodies = false;
    std::size_t keep = 250000;

    std::chrono::seconds tokenLife{3600};
    std::chrono::seconds clockSkew{30};
    bool virtualClock = false;
    QuotaLimits quotas;
    SessionLimits session;

    bool dieWithParent = false;
    bool help = false;
    bool version = false;
};

/// A command line that cannot be understood; the text names the option and the remedy.
class UsageError : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Reads `--name value`, `--name=value` and flags. Throws UsageError.
Options optionsFrom(const std::vector<std::string>& arguments);

std::string helpText();

} // namespace carillon::fakefcm
