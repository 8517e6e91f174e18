#pragma once

#include "config/Configuration.h"

#include <array>
#include <string_view>
#include <utility>

namespace carillon::config
{

/// The names of an enumeration in files and output, in the order in which they are listed to people.
template <typename Enumeration>
struct EnumNames;

template <>
struct EnumNames<Environment>
{
    static constexpr std::array all{
        std::pair{Environment::Dev, std::string_view{"dev"}}, std::pair{Environment::Test, std::string_view{"test"}},
        std::pair{Environment::Stage, std::string_view{"stage"}}, std::pair{Environment::Prod, std::string_view{"prod"}}};
};

template <>
struct EnumNames<LogLevel>
{
    static constexpr std::array all{
        std::pair{LogLevel::Fatal, std::string_view{"fatal"}},   std::pair{LogLevel::Critical, std::string_view{"critical"}},
        std::pair{LogLevel::Error, std::string_view{"error"}},   std::pair{LogLevel::Warning, std::string_view{"warning"}},
        std::pair{LogLevel::Notice, std::string_view{"notice"}}, std::pair{LogLevel::Information, std::string_view{"info"}},
        std::pair{LogLevel::Debug, std::string_view{"debug"}},   std::pair{LogLevel::Trace, std::string_view{"trace"}}};
};

template <>
struct EnumNames<LogFormat>
{
    static constexpr std::array all{std::pair{LogFormat::Text, std::string_view{"text"}},
                                    std::pair{LogFormat::Json, std::string_view{"json"}}};
};

template <>
struct EnumNames<LogOutput>
{
    static constexpr std::array all{std::pair{LogOutput::Stderr, std::string_view{"stderr"}},
                                    std::pair{LogOutput::File, std::string_view{"file"}}};
};

template <>
struct EnumNames<LogOverflow>
{
    static constexpr std::array all{std::pair{LogOverflow::Drop, std::string_view{"drop"}},
                                    std::pair{LogOverflow::Block, std::string_view{"block"}}};
};

template <>
struct EnumNames<Durability>
{
    static constexpr std::array all{std::pair{Durability::Full, std::string_view{"full"}},
                                    std::pair{Durability::Normal, std::string_view{"normal"}}};
};

template <>
struct EnumNames<ExchangeType>
{
    static constexpr std::array all{std::pair{ExchangeType::Direct, std::string_view{"direct"}},
                                    std::pair{ExchangeType::Topic, std::string_view{"topic"}},
                                    std::pair{ExchangeType::Fanout, std::string_view{"fanout"}}};
};

template <>
struct EnumNames<PushText>
{
    static constexpr std::array all{std::pair{PushText::Given, std::string_view{"given"}}, std::pair{PushText::Neutral, std::string_view{"neutral"}}};
};

template <typename Enumeration>
constexpr std::string_view nameOf(Enumeration value)
{
    for (const auto& [each, name] : EnumNames<Enumeration>::all)
    {
        if (each == value) return name;
    }
    return "?";
}

template <typename Enumeration>
constexpr std::optional<Enumeration> fromName(std::string_view text)
{
    for (const auto& [each, name] : EnumNames<Enumeration>::all)
    {
        if (name == text) return each;
    }
    return std::nullopt;
}

} // namespace carillon::config
