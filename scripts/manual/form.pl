#!/usr/bin/perl
# Prints buzon-form(5) as man(7), made of schema/request.schema.json and of a sample of config/forms: so the page cannot
# differ from them. With a file of translations as the argument, in that language (Manual.pm).
use strict;
use warnings;
use utf8;
use lib 'scripts/manual';
use JSON::PP;
use Manual;

my $source = 'schema/request.schema.json';
open my $file, '<:raw', $source or die "$source: $!\n";
my $bytes = do { local $/; <$file> };
my $schema = JSON::PP->new->utf8->decode($bytes);
my $definitions = $schema->{'$defs'};

sub definition { my ($node) = @_; return $node->{'$ref'} ? $definitions->{ $node->{'$ref'} =~ s{.*/}{}r } : {} }

# The keys of an object in the order of the file. JSON::PP has none: they are looked for after the object's own name.
sub keys_of {
  my ($object, $name) = @_;
  my $from = index $bytes, "\"$name\":", $name eq 'properties' ? 0 : index $bytes, '"$defs"';
  my %at = map { my $key = $_; utf8::encode($key); ($_ => index $bytes, "\"$key\":", $from) } keys %{ $object->{properties} };
  return sort { $at{$a} <=> $at{$b} } keys %at;
}

# What a value may be, where the schema says it by itself.
sub values_of {
  my ($node) = @_;
  my $enum = $node->{enum} // definition($node)->{enum} or return '';
  return join ' | ', @$enum;
}

my @out;
# The items of an object's keys, each with its path.
sub items {
  my ($object, $name, $path) = @_;
  my %required = map { $_ => 1 } @{ $object->{required} // [] };
  for my $key (keys_of($object, $name)) {
    my $node = $object->{properties}{$key};
    my $inner = $node->{properties} ? $node : definition($node);
    my $about = $node->{description} // definition($node)->{description} // '';
    my @notes = grep { $_ ne '' } values_of($node), $required{$key} ? word('required') : '';
    my $note = @notes ? ' (' . join('; ', @notes) . ')' : '';
    # What `create` says of a key holds in `modify` too.
    $about = 'as in create' if $about eq '' || $path =~ /\.(add|remove)\.$/;
    push @out, '.TP', '\fB' . literal("$path$key") . '\fR' . $note, text(word($about));
    # A name is of two shapes, which its own text shows.
    items($inner, $key, "$path$key.") if $inner->{properties} && $key ne 'name';
  }
}

push @out, head('buzon-form', 5, 'a request form of Buzón (FT-GTI-006)'), '.SH ' . heading('Description');
push @out, text(word($_)), '.PP'
  for 'A request form is one YAML or JSON document in UTF-8. It is dropped into the folder incoming of the spool, or submitted with "buzon submit". "buzon check" prints all its errors, each with its line and column. A form with an error changes nothing and uses up no number.',
  'The file ends in .yaml, .yml or .json. Its signature has the same name with .sig at the end.';
pop @out;
push @out, '.SH ' . heading('The form');
items($schema, 'properties', '');
my %titles = (create => 'A change: create', modify => 'A change: modify', adopt => 'A change: adopt', delete => 'A change: delete');
for my $change (qw(create modify adopt delete)) {
  push @out, '.SH ' . heading($titles{$change}), text(word($definitions->{$change}{description}));
  items($definitions->{$change}, $change, "$change.");
}
push @out, '.SH ' . heading('Values');
for my $kind (qw(number address document phone day size line)) {
  push @out, '.TP', '\fB' . literal($kind) . '\fR', text(word($definitions->{$kind}{description}));
}
push @out, '.SH ' . heading('Example'), '.nf';
open my $sample, '<:encoding(UTF-8)', 'config/forms/01-crear.yaml' or die "config/forms/01-crear.yaml: $!\n";
push @out, map { chomp; literal($_) } grep { !/^#/ } <$sample>;
push @out, '.fi', '.SH ' . heading('Files'), '.TP', '.I /usr/share/buzon/schema/request.schema.json',
  text(word('the same as JSON Schema: an editor completes and checks forms with it')), '.TP', '.I /usr/share/doc/buzon/forms',
  text(word('more samples')), '.SH ' . heading('See also'), '.BR buzon (1),', '.BR buzon.yaml (5),', '.BR buzon (7)';
finish(@out);
