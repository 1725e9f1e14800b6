import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from './broker.js';

const MODULE = 'messenger_test_delayed_exchange';

/**
 * An exchange that holds a message back for as many milliseconds as its header "x-delay" says, and is otherwise of the type that
 * its argument "x-delayed-type" names. It keeps messages in memory, which the plugin does not.
 */
const SOURCE = `
-module(${MODULE}).
-behaviour(rabbit_exchange_type).
-include_lib("rabbit_common/include/rabbit.hrl").
-export([description/0, serialise_events/0, info/1, info/2, validate/1, validate_binding/2, route/2, create/2, delete/3,
         policy_changed/2, add_binding/3, remove_bindings/3, assert_args_equivalence/2]).

description() -> [{description, <<"Holds messages back.">>}].
serialise_events() -> false.
info(_) -> [].
info(_, _) -> [].
create(_, _) -> ok.
delete(_, _, _) -> ok.
policy_changed(_, _) -> ok.
add_binding(_, _, _) -> ok.
remove_bindings(_, _, _) -> ok.
validate_binding(_, _) -> ok.
assert_args_equivalence(Exchange, Args) -> rabbit_exchange:assert_args_equivalence(Exchange, Args).

validate(Exchange) -> _ = type_of(Exchange), ok.

route(Exchange, Delivery = #delivery{message = Message}) ->
  case delay_of(Message) of
    none -> (type_of(Exchange)):route(Exchange, Delivery);
    Delay -> timer:apply_after(Delay, erlang, apply, [fun () -> pass_on(Exchange, Delivery) end, []]), []
  end.

pass_on(Exchange, Delivery = #delivery{message = Message = #basic_message{content = Content}}) ->
  Due = rabbit_basic:map_headers(fun (Headers) -> lists:keydelete(<<"x-delay">>, 1, Headers) end, Content),
  Passed = Delivery#delivery{message = Message#basic_message{content = Due}, confirm = false, mandatory = false, flow = noflow},
  rabbit_amqqueue:deliver(rabbit_amqqueue:lookup(rabbit_exchange:route(Exchange, Passed)), Passed).

delay_of(#basic_message{content = Content}) ->
  case rabbit_basic:extract_headers(Content) of
    undefined -> none;
    Headers -> case lists:keyfind(<<"x-delay">>, 1, Headers) of {_, _, Delay} -> Delay; false -> none end
  end.

type_of(#exchange{arguments = Arguments}) ->
  {_, longstr, Type} = lists:keyfind(<<"x-delayed-type">>, 1, Arguments),
  {ok, Module} = rabbit_registry:lookup_module(exchange, binary_to_existing_atom(Type, utf8)),
  Module.
`;

/**
 * Gives a broker of one's own exchanges of the type "x-delayed-message", as the plugin rabbitmq_delayed_message_exchange does,
 * which does not come with RabbitMQ.
 */
export async function addDelayedExchange(broker: Broker): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-exchange-'));
  const file = join(folder, MODULE);
  writeFileSync(`${file}.erl`, SOURCE);
  try {
    await broker.control(
      'eval',
      `{ok, Module, Code} = compile:file("${file}", [binary, return_errors]),
       {module, Module} = code:load_binary(Module, "${file}", Code),
       rabbit_registry:register(exchange, <<"x-delayed-message">>, Module).`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
