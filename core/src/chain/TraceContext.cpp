#include "chain/TraceContext.h"

#include <algorithm>
#include <cstdint>
#include <random>

namespace carillon::chain
{
namespace
{

// 00-<32 hex>-<16 hex>-<2 hex>, https://www.w3.org/TR/trace-context/#traceparent-header
constexpr std::size_t traceAt = 3;
constexpr std::size_t spanAt = 36;
constexpr std::size_t flagsAt = 53;
constexpr std::size_t length = 55;

bool isHex(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isZero(std::string_view text)
{
    return text.find_first_not_of('0') == std::string_view::npos;
}

void writeHex(char* out, std::uint64_t value)
{
    constexpr char hex[] = "0123456789abcdef";
    for (int i = 15; i >= 0; --i, value >>= 4)
        out[i] = hex[value & 15];
}

std::uint64_t randomId()
{
    thread_local std::mt19937_64 engine = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    std::uint64_t id = 0;
    while (id == 0)
        id = engine();
    return id;
}

} // namespace

bool isTraceParent(std::string_view text)
{
    if (text.size() < length || text[2] != '-' || text[spanAt - 1] != '-' || text[flagsAt - 1] != '-') return false;
    const auto version = text.substr(0, 2);
    if (!isHex(version) || version == "ff") return false;
    if (version == "00" ? text.size() != length : (text.size() > length && text[length] != '-')) return false;
    const auto trace = text.substr(traceAt, 32);
    const auto span = text.substr(spanAt, 16);
    return isHex(trace) && isHex(span) && isHex(text.substr(flagsAt, 2)) && !isZero(trace) && !isZero(span);
}

std::string childOf(std::string_view parent)
{
    std::string text = "00-00000000000000000000000000000000-0000000000000000-00";
    if (isTraceParent(parent))
    {
        // A later version may mean more flags than we know: only "sampled" is carried on.
        text.replace(traceAt, 32, parent.substr(traceAt, 32));
        const char low = parent[flagsAt + 1];
        const int digit = low <= '9' ? low - '0' : low - 'a' + 10;
        text[flagsAt + 1] = (digit & 1) != 0 ? '1' : '0';
    }
    else
    {
        writeHex(text.data() + traceAt, randomId());
        writeHex(text.data() + traceAt + 16, randomId());
    }
    writeHex(text.data() + spanAt, randomId());
    return text;
}

std::string_view traceIdOf(std::string_view traceParent)
{
    return isTraceParent(traceParent) ? traceParent.substr(traceAt, 32) : std::string_view{};
}

} // namespace carillon::chain
